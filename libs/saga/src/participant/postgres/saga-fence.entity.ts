import { Column, Entity, PrimaryColumn } from 'typeorm';

import { DEFAULTS } from '../../planning/defaults.js';
import type { FenceSide, StoredReply } from '../fence.js';

/** What a participant remembers of a step. For reading: the library alone writes it. */
@Entity({ name: 'saga_fence', schema: DEFAULTS.schema, synchronize: false })
export class SagaFenceEntity {
  /** Of the saga whose step it is. */
  @PrimaryColumn({ name: 'saga_id', type: 'text' })
  sagaId: string;

  /** Name of the step. */
  @PrimaryColumn({ type: 'text' })
  step: string;

  /** -1 where the step does not fan out. */
  @PrimaryColumn({ type: 'integer' })
  item: number;

  /** Name of the saga definition. */
  @Column({ type: 'text' })
  saga: string;

  /** How far the action is. */
  @Column({ name: 'action_state', type: 'text' })
  actionState: FenceSide['state'];

  /** Of the last command that was taken: an operator's retry begins a new one. */
  @Column({ name: 'action_round', type: 'integer' })
  actionRound: number;

  /** Calls of a handler with effects outside that may have begun and never replied. */
  @Column({ name: 'action_unanswered', type: 'integer' })
  actionUnanswered: number;

  /** The last attempt that ended as failed: a copy of its command is not done. */
  @Column({ name: 'action_failed', type: 'integer' })
  actionFailed: number;

  /** What a repeated command is answered with. */
  @Column({ name: 'action_reply', type: 'json', nullable: true })
  actionReply: StoredReply | null;

  /** How far the compensation is. */
  @Column({ name: 'compensation_state', type: 'text' })
  compensationState: FenceSide['state'];

  /** As that of the action. */
  @Column({ name: 'compensation_round', type: 'integer' })
  compensationRound: number;

  /** As that of the action. */
  @Column({ name: 'compensation_unanswered', type: 'integer' })
  compensationUnanswered: number;

  /** As that of the action. */
  @Column({ name: 'compensation_failed', type: 'integer' })
  compensationFailed: number;

  /** As that of the action. */
  @Column({ name: 'compensation_reply', type: 'json', nullable: true })
  compensationReply: StoredReply | null;

  /** When the first command came. */
  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** When it last changed: `fenceRetention` runs from here. */
  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
