import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What was put aside for one line of an order. */
@Entity('reservations')
export class Reservation {
  @PrimaryColumn({ name: 'order_id', type: 'text' }) readonly orderId: string;
  @PrimaryColumn({ type: 'integer' }) readonly line: number;
  @Column({ type: 'text' }) readonly sku: string;
  @Column({ type: 'integer' }) readonly quantity: number;
  @Column({ type: 'text' }) readonly state: 'reserved' | 'released' | 'sold';
}
