import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';
import type { SagaFailure } from '../../../planning/failure.js';
import type { SagaStatus } from '../../../planning/saga-status.js';

/** A saga's row, to read and to join with. Only the library writes it: a change by hand is undone, or makes the saga stuck. */
@Entity({ name: 'saga_instance', schema: DEFAULTS.schema, synchronize: false })
export class SagaInstanceEntity {
  /** A UUID. */
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** Of the definition. */
  @Column({ type: 'text' })
  name: string;

  /** Of the definition. */
  @Column({ type: 'integer' })
  version: number;

  /** Of the definition's graph, when the saga was started. */
  @Column({ type: 'text' })
  hash: string;

  /** Business key, unique with the name. */
  @Column({ type: 'text', nullable: true })
  key: string | null;

  /** What tells a second start with the same key from one that wants something else; null: it has no key. */
  @Column({ type: 'text', name: 'input_hash', nullable: true })
  inputHash: string | null;

  /** stuck: it waits for an operator. */
  @Column({ type: 'text' })
  status: SagaStatus;

  /** An operator holds it. */
  @Column({ type: 'boolean' })
  paused: boolean;

  /** From here on it only goes forward. */
  @Column({ type: 'boolean', name: 'pivot_begun' })
  pivotBegun: boolean;

  /** Id of the node that executes it; null: nobody does now. */
  @Column({ type: 'text', nullable: true })
  owner: string | null;

  /** Raised with each new ownership. */
  @Column({ type: 'integer' })
  epoch: number;

  /** Raised by each change from outside. */
  @Column({ type: 'integer' })
  revision: number;

  /** When a node looks at it next, while nobody owns it. */
  @Column({ type: 'timestamptz', name: 'wake_at', nullable: true })
  wakeAt: Date | null;

  /** By the database's clock. */
  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt: Date;

  /** Of the forward part; null: it has none. */
  @Column({ type: 'timestamptz', name: 'deadline_at', nullable: true })
  deadlineAt: Date | null;

  /** Null: it has not ended. */
  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt: Date | null;

  /** It has ended, and lost its journal, input, metadata and failure after its retention. */
  @Column({ type: 'boolean' })
  emptied: boolean;

  /** Of the saga that runs this one as a step. */
  @Column({ type: 'uuid', name: 'parent_id', nullable: true })
  parentId: string | null;

  /** Of that saga; null: it is a child of none. */
  @Column({ type: 'text', name: 'parent_step', nullable: true })
  parentStep: string | null;

  /** 0-based, where that step fans out. */
  @Column({ type: 'integer', name: 'parent_item', nullable: true })
  parentItem: number | null;

  /** In stored form: a Date is `{ "$date": … }`. */
  @Column({ type: 'json' })
  input: unknown;

  /** What the start was given. */
  @Column({ type: 'json' })
  metadata: Record<string, string>;

  /** Why it unwinds, was undone, or is stuck. */
  @Column({ type: 'json', nullable: true })
  failure: SagaFailure | null;
}
