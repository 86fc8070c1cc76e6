import type { Logger } from '@nestjs/common';

import type { Outcome } from './fenced-execution.js';
import type { CommandMessage } from './protocol.js';

interface Answered {
  readonly participant: string;
  readonly message: CommandMessage;
  readonly outcome: Outcome;
}

/** One line for each command that did not simply succeed; a refusal is business, not trouble. */
export function logOutcome(logger: Pick<Logger, 'log' | 'warn'>, { participant, message, outcome }: Answered): void {
  const { reply, error } = outcome;
  if (reply.kind === 'succeeded' || reply.kind === 'deferred') return;
  const { saga, sagaId, step, item, direction, round, attempt, command, metadata } = message;
  const fields = {
    participant,
    command,
    saga,
    sagaId,
    step,
    item,
    direction,
    round,
    attempt,
    code: reply.error.code,
    effect: reply.effect,
    metadata,
  };
  const text = `${reply.kind === 'refused' ? 'Refused' : 'Failed'}: ${reply.error.message}`;
  if (reply.kind === 'refused') return logger.log(text, fields);
  logger.warn(text, { ...fields, ...(error instanceof Error && { stack: error.stack }) });
}
