import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';
import type { EntryBody } from '../../../planning/journal.js';

/** One entry of a saga's append-only journal, to read. */
@Entity({ name: 'saga_journal', schema: DEFAULTS.schema, synchronize: false })
export class SagaJournalEntity {
  @PrimaryColumn({ type: 'uuid', name: 'saga_id' })
  sagaId: string;

  /** 1-based, without gaps. Order comes from it, never from `at`. */
  @PrimaryColumn({ type: 'integer' })
  sequence: number;

  /** The ownership that it was written under; null: it came from outside. */
  @Column({ type: 'integer', nullable: true })
  epoch: number | null;

  @Column({ type: 'timestamptz' })
  at: Date;

  /** What happened: its `kind`, the step, and what belongs to it. */
  @Column({ type: 'json' })
  body: EntryBody;
}
