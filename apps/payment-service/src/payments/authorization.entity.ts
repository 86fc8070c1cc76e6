import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Money that is held for an order, was taken, or was given up. */
@Entity('authorizations')
export class AuthorizationRecord {
  /** The gateway's. */
  @PrimaryColumn({ name: 'authorization_id', type: 'text' }) readonly authorizationId: string;
  @Column({ name: 'order_id', type: 'text', unique: true }) readonly orderId: string;
  @Column({ name: 'customer_id', type: 'text' }) readonly customerId: string;
  @Column({ type: 'integer' }) readonly cents: number;
  @Column({ type: 'text' }) readonly state: 'held' | 'captured' | 'voided';
}
