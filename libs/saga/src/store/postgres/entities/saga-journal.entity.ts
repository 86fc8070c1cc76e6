import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';
import type { EntryKind } from '../../../planning/journal.js';

/** What happened. Looser than what the library writes: TypeORM's types would follow a recursive one without end. */
export interface SagaJournalBody {
  /** What happened. */
  readonly kind: EntryKind;
  /** Left out: it happened to the saga as a whole. */
  readonly step?: string;
  /** Of an attempt; left out: forward. */
  readonly direction?: 'compensation';
  /** 0-based index, where the step fans out. */
  readonly item?: number;
  /** What else was recorded, by kind. */
  readonly [detail: string]: unknown;
}

/** A row of a saga's append-only journal, to read: the entries of one checkpoint. */
@Entity({ name: 'saga_journal', schema: DEFAULTS.schema, synchronize: false })
export class SagaJournalEntity {
  /** Whose journal it is. */
  @PrimaryColumn({ type: 'uuid', name: 'saga_id' })
  sagaId: string;

  /** Of the first entry: 1-based, without gaps from entry to entry. Order comes from it, never from `at`. */
  @PrimaryColumn({ type: 'integer' })
  sequence: number;

  /** The ownership that it was written under; 0: nobody owned it yet; null: it came from outside. */
  @Column({ type: 'integer', nullable: true })
  epoch: number | null;

  /** By the database's clock. */
  @Column({ type: 'timestamptz' })
  at: Date;

  /** One at least, in order. */
  @Column({ type: 'json' })
  entries: readonly SagaJournalBody[];
}
