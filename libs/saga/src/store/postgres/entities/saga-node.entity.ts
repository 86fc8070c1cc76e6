import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';

/** A node that executes sagas, with its lease. */
@Entity({ name: 'saga_node', schema: DEFAULTS.schema, synchronize: false })
export class SagaNodeEntity {
  /** New with each boot and each lost lease. */
  @PrimaryColumn({ type: 'text' })
  id: string;

  /** By the database's clock. Afterwards its sagas belong to whoever claims them. */
  @Column({ type: 'timestamptz', name: 'lease_until' })
  leaseUntil: Date;

  /** By the database's clock. */
  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt: Date;

  /** The advisory lock that its session holds: gone, the node is gone too. Null: it holds none, and its lease alone counts. */
  @Column({ type: 'integer', name: 'session_lock', nullable: true })
  sessionLock: number | null;

  /** When that was last true; null where it holds none. */
  @Column({ type: 'timestamptz', name: 'lock_seen_at', nullable: true })
  lockSeenAt: Date | null;
}
