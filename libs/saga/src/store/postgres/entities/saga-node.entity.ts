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

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt: Date;
}
