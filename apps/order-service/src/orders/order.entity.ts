import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

import type { OrderLine } from '../place-order/place-order.command.js';
import type { OrderState } from './order-state.js';

/** An order as the shop remembers it. The card is not in it. */
@Entity('orders')
export class Order {
  @PrimaryColumn({ name: 'order_id', type: 'text' }) readonly orderId: string;
  @Column({ name: 'saga_id', type: 'uuid' }) readonly sagaId: string;
  @Column({ name: 'customer_id', type: 'text' }) readonly customerId: string;
  @Column({ type: 'text' }) readonly destination: string;
  @Column({ type: 'jsonb' }) readonly lines: readonly OrderLine[];
  @Column({ type: 'integer' }) readonly cents: number;
  @Column({ type: 'text' }) readonly state: OrderState;
  /** Why it was rejected or cancelled. */
  @Column({ type: 'text', nullable: true }) readonly reason: string | null;
  @Column({ name: 'capture_id', type: 'text', nullable: true }) readonly captureId: string | null;
  /** Of its parcels. */
  @Column({ name: 'tracking_ids', type: 'text', array: true, nullable: true }) readonly trackingIds: readonly string[] | null;
  /** It is dear enough that a person must look at it. */
  @Column({ name: 'needs_approval', type: 'boolean' }) readonly needsApproval: boolean;
  @Column({ name: 'approved_by', type: 'text', nullable: true }) readonly approvedBy: string | null;
  @Column({ name: 'delivered_at', type: 'timestamptz', nullable: true }) readonly deliveredAt: Date | null;
  @CreateDateColumn({ name: 'placed_at', type: 'timestamptz' }) readonly placedAt: Date;
}
