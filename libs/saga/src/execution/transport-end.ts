import type { ClientProxy } from '@nestjs/microservices';

import { commandPattern } from '../participant/protocol.js';
import type { AttemptEnd } from '../planning/facts.js';
import { endOfError, type Judgement } from './attempt-end.js';

/** The way to the participant could not be opened: nothing left this process, on whichever transport. */
class NotSentError extends Error {}

/** @throws NotSentError */
export async function openWay(client: ClientProxy): Promise<void> {
  try {
    await client.connect();
  } catch (cause) {
    throw new NotSentError('The participant cannot be reached', { cause });
  }
}

/**
 * What is known of a command to which the transport had no reply. One that was never sent, or that nobody took, had no effect;
 * of any other nobody knows. [R9, R26]
 */
export function endOfTransportError(error: unknown, participant: string, { retryIf }: Judgement): AttemptEnd {
  if (error instanceof NotSentError) return endOfError(asError(error.cause), { effect: 'none', retryIf });
  const untaken = whyNobodyTookIt(error, participant);
  if (untaken !== undefined) return endOfError(untaken, { effect: 'none', retryIf });
  return endOfError(asError(error), { effect: fieldOf(error, 'code') === 'ECONNREFUSED' ? 'none' : 'possible', retryIf });
}

/** What a Nest service answers to a pattern that it has no handler for. */
const NO_HANDLER = 'There is no matching message handler defined in the remote service.';

/** Nest throws it where NATS says that nobody listens; it has no code, and in another copy of the package another class. */
const NO_LISTENER = 'EmptyResponseException';

function whyNobodyTookIt(error: unknown, participant: string): UntakenError | undefined {
  const pattern = commandPattern(participant);
  const mend = `SagaParticipantModule.forRoot({ name: '${participant}' })`;
  if (error === NO_HANDLER) {
    return new UntakenError(
      'SAGA_NOT_A_PARTICIPANT',
      `The service that participants.${participant} leads to does not listen for '${pattern}'. Give it ${mend}, or correct the address.`,
    );
  }
  if (!(error instanceof Error && error.constructor.name === NO_LISTENER)) return undefined;
  return new UntakenError('SAGA_NOBODY_LISTENS', `Nobody listens for '${pattern}' at the broker. Start the service that has ${mend}.`);
}

class UntakenError extends Error {
  constructor(
    readonly code: 'SAGA_NOT_A_PARTICIPANT' | 'SAGA_NOBODY_LISTENS',
    message: string,
  ) {
    super(message);
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(describe(thrown)));

/** Transports throw errors, texts, and objects that carry either. */
function describe(error: unknown): string {
  const inner = fieldOf(error, 'err');
  if (inner !== undefined) return describe(inner);
  return String(fieldOf(error, 'message') ?? error);
}

const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
