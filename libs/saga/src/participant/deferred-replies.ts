import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { refusalRecordOf } from '../planning/error-record.js';
import { encodePayload, PayloadFault } from '../planning/payload.js';
import type { StepRejected } from '../planning/step-errors.js';
import { type Deferral, readDeferralToken } from './deferral-token.js';
import { type FinalReply, replied, sideOf, withSide } from './fence.js';
import { DeferredReplyError } from './fence-errors.js';
import { ParticipantDatabase } from './participant-database.js';
import { PARTICIPANT_OPTIONS, type ResolvedParticipantOptions } from './participant-options.js';
import type { HeldFence, Holding } from './postgres/postgres-fence.js';
import { succeeded } from './replies.js';

/** Of one answer. */
export interface DeferredReplyOptions {
  /** Joins the caller's transaction: an open one, on the participant's data source. */
  manager?: EntityManager;
}

/** Not accepted: `why` says it in a sentence. What was to be answered is done, or undone, or nobody waits for it. */
export type DeferredReplyResult = { readonly accepted: true } | { readonly accepted: false; readonly why: string };

/** Longest wait for a command of the same step that is at work. */
const WAIT_MS = 5_000;

/**
 * Answers commands whose handlers returned a `DeferredReply`, in any process of the participant, as often as somebody calls: the first answer counts. The
 * saga learns of it when it next asks, a tenth of the time later that it has waited so far, at least a second and at most 15 minutes.
 */
@Injectable()
export class DeferredReplies {
  constructor(
    private readonly database: ParticipantDatabase,
    @Inject(PARTICIPANT_OPTIONS) private readonly options: ResolvedParticipantOptions,
  ) {}

  /**
   * The command has succeeded.
   *
   * @param token of the `DeferredReply`
   * @param result what the step results in; plain data
   * @throws DeferredReplyError where the token is none, or the result cannot be stored; nothing is changed then
   */
  async complete(token: string, result?: unknown, options: DeferredReplyOptions = {}): Promise<DeferredReplyResult> {
    return this.answer(token, succeeded(storable(result, this.options.maxPayload)), options);
  }

  /**
   * The command was refused, and has left nothing behind: what its handler wrote is to be taken back in the same transaction (`manager`).
   *
   * @throws DeferredReplyError where the token is none; nothing is changed then
   */
  async reject(token: string, refusal: StepRejected, options: DeferredReplyOptions = {}): Promise<DeferredReplyResult> {
    return this.answer(token, { kind: 'refused', error: refusalRecordOf(refusal), effect: 'none' }, options);
  }

  private async answer(token: string, reply: FinalReply, { manager }: DeferredReplyOptions): Promise<DeferredReplyResult> {
    const deferral = readDeferralToken(token);
    if (deferral === undefined)
      throw new DeferredReplyError('This is no token of a deferred reply. Pass the token of the DeferredReply as it was given.');
    const settle = async (held: HeldFence): Promise<Holding<DeferredReplyResult>> => settled(held, { deferral, token, reply });
    const { fence } = this.database;
    return manager === undefined ? fence.hold(deferral, WAIT_MS, settle) : fence.holdIn(manager, deferral, WAIT_MS, settle);
  }
}

interface Answer {
  readonly deferral: Deferral;
  readonly token: string;
  readonly reply: FinalReply;
}

function settled({ fence }: HeldFence, { deferral, token, reply }: Answer): Holding<DeferredReplyResult> {
  const side = sideOf(fence, deferral);
  const { step, sagaId } = deferral;
  const not = (why: string): Holding<DeferredReplyResult> => ({ value: { accepted: false, why: `${step} of saga ${sagaId} ${why}.` } });
  if (side.reply?.kind !== 'deferred' || side.reply.token !== token)
    return not(side.state === 'succeeded' || side.state === 'refused' ? 'is answered already' : 'waits for no such answer');
  if (deferral.direction === 'forward' && fence.compensation.state !== 'untouched')
    return not('was compensated before this answer came: see that nothing is left of what was answered');
  const after = withSide(fence, deferral, replied(side, { round: side.round, recorded: false }, reply));
  return { value: { accepted: true }, fence: after };
}

function storable(result: unknown, maxPayload: number): ReturnType<typeof encodePayload> {
  try {
    return encodePayload(result, maxPayload);
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    throw new DeferredReplyError(`The answer${fault.path === '' ? '' : `'s ${fault.path}`} ${fault.why}.`, { cause: fault });
  }
}
