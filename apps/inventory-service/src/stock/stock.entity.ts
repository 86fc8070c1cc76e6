import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One sku of the catalogue. The table holds `available + reserved + sold = seeded`, whatever happens. */
@Entity('stock')
export class Stock {
  @PrimaryColumn({ type: 'text' }) readonly sku: string;
  @Column({ type: 'text' }) readonly warehouse: string;
  /** How many there were at the beginning. */
  @Column({ type: 'integer' }) readonly seeded: number;
  @Column({ type: 'integer' }) readonly available: number;
  @Column({ type: 'integer', default: 0 }) readonly reserved: number;
  @Column({ type: 'integer', default: 0 }) readonly sold: number;
}
