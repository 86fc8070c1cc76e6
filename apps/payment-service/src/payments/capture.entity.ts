import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Money that was taken: the whole of an authorization, once. */
@Entity('captures')
export class CaptureRecord {
  /** The gateway's. */
  @PrimaryColumn({ name: 'capture_id', type: 'text' }) readonly captureId: string;
  @Column({ name: 'order_id', type: 'text', unique: true }) readonly orderId: string;
  @Column({ name: 'authorization_id', type: 'text' }) readonly authorizationId: string;
  @Column({ type: 'integer' }) readonly cents: number;
}
