import 'reflect-metadata';
import { Column, CreateDateColumn, DataSource, Entity, Index, PrimaryColumn, type Repository, UpdateDateColumn } from 'typeorm';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import { bookShipment, chargeCard, refundCard, releaseStock, reserveStock } from '../workload/steps.js';
import type { Charge, Reservation, Shipment } from '../workload/steps.js';
import { drive } from './drive.js';
import type { Program } from './program.js';

/** As many as the application of ours has. */
const POOL_SIZE = 10;

type Status = 'new' | 'reserved' | 'charged' | 'shipped' | 'refused' | 'refunded' | 'released';

interface Results {
  readonly reservation?: Reservation;
  readonly charge?: Charge;
  readonly shipment?: Shipment;
}

@Entity()
class OrderRow {
  @PrimaryColumn('uuid')
  id: string;

  /** Indexed, since whoever looks for orders that a crash left half done looks here. */
  @Index()
  @Column('text')
  status: Status;

  @Column('json')
  input: Order;

  @Column('json', { default: {} })
  results: Results;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}

/** What one writes without a library: a row for each order, and an update for each step. Nothing takes it up again after a crash. */
class ByHand implements Program {
  private dataSource: DataSource;
  private orders: Repository<OrderRow>;

  async open(url: string): Promise<void> {
    this.dataSource = new DataSource({ type: 'postgres', url, entities: [OrderRow], synchronize: true, poolSize: POOL_SIZE });
    await this.dataSource.initialize();
    this.orders = this.dataSource.getRepository(OrderRow);
  }

  async run(input: Order): Promise<Kind> {
    const id = input.orderId;
    await this.orders.insert({ id, status: 'new', input });
    const reservation = await reserveStock(input);
    await this.orders.update({ id }, { status: 'reserved', results: { reservation } });
    const charge = await chargeCard(input);
    await this.orders.update({ id }, { status: 'charged', results: { reservation, charge } });
    const shipment = await bookShipment(input);
    if (shipment) {
      await this.orders.update({ id }, { status: 'shipped', results: { reservation, charge, shipment } });
      return 'happy';
    }
    await this.orders.update({ id }, { status: 'refused' });
    await refundCard(charge);
    await this.orders.update({ id }, { status: 'refunded' });
    await releaseStock(reservation);
    await this.orders.update({ id }, { status: 'released' });
    return 'compensate';
  }

  async endings(): Promise<Endings> {
    const [all, completed, compensated] = await Promise.all([
      this.orders.count(),
      this.orders.countBy({ status: 'shipped' }),
      this.orders.countBy({ status: 'released' }),
    ]);
    return { completed, compensated, other: all - completed - compensated };
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }
}

drive(new ByHand());
