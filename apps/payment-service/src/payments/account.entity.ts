import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the shop holds of a customer's money, and what it has taken. */
@Entity('accounts')
export class Account {
  @PrimaryColumn({ name: 'customer_id', type: 'text' }) readonly customerId: string;
  // The driver gives 64-bit integers as text, since a number may not hold them.
  @Column({ name: 'held_cents', type: 'bigint', default: 0 }) readonly heldCents: string;
  @Column({ name: 'captured_cents', type: 'bigint', default: 0 }) readonly capturedCents: string;
}
