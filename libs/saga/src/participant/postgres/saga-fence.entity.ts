import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../planning/defaults.js';
import type { FenceSide, StoredReply } from '../fence.js';

/** What a participant remembers of a step. For reading: the library alone writes it. */
@Entity({ name: 'saga_fence', schema: DEFAULTS.schema, synchronize: false })
export class SagaFenceEntity {
  @PrimaryColumn({ name: 'saga_id', type: 'text' })
  sagaId: string;

  @PrimaryColumn({ type: 'text' })
  step: string;

  /** -1 where the step does not fan out. */
  @PrimaryColumn({ type: 'integer' })
  item: number;

  /** Name of the saga definition. */
  @Column({ type: 'text' })
  saga: string;

  @Column({ name: 'action_state', type: 'text' })
  actionState: FenceSide['state'];

  @Column({ name: 'action_round', type: 'integer' })
  actionRound: number;

  /** Calls of a handler with effects outside that may have begun and never replied. */
  @Column({ name: 'action_unanswered', type: 'integer' })
  actionUnanswered: number;

  @Column({ name: 'action_reply', type: 'json', nullable: true })
  actionReply: StoredReply | null;

  @Column({ name: 'compensation_state', type: 'text' })
  compensationState: FenceSide['state'];

  @Column({ name: 'compensation_round', type: 'integer' })
  compensationRound: number;

  @Column({ name: 'compensation_unanswered', type: 'integer' })
  compensationUnanswered: number;

  @Column({ name: 'compensation_reply', type: 'json', nullable: true })
  compensationReply: StoredReply | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
