import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A parcel that a carrier takes, or took until the order was undone. */
@Entity('bookings')
export class BookingRecord {
  @PrimaryColumn({ name: 'tracking_id', type: 'text' }) readonly trackingId: string;
  @Column({ name: 'order_id', type: 'text' }) readonly orderId: string;
  /** Where the carrier fetches it. */
  @Column({ type: 'text' }) readonly warehouse: string;
  @Column({ type: 'text' }) readonly destination: string;
  @Column({ type: 'text' }) readonly carrier: string;
  @Column({ type: 'boolean', default: false }) readonly labelled: boolean;
  @Column({ type: 'text' }) readonly state: 'booked' | 'cancelled';
}
