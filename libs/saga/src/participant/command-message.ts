import { type CommandMessage, PROTOCOL_VERSION } from './protocol.js';

/** Why a message is no command that this participant can read. */
export interface MessageFault {
  readonly code: 'SAGA_MALFORMED_COMMAND' | 'SAGA_UNKNOWN_PROTOCOL';
  readonly why: string;
}

/** Longer names would not fit into the fence's primary key. */
const LONGEST_NAME = 255;
/** What a PostgreSQL `integer` holds. */
const LARGEST_INTEGER = 2 ** 31 - 1;

type Check = (value: unknown) => string | undefined;

const CHECKS: { readonly [Field in keyof Required<CommandMessage>]: Check } = {
  protocol: () => undefined,
  messageId: text,
  saga: text,
  sagaId: text,
  step: text,
  item: optional(integerFrom(0)),
  direction: (value) => (value === 'forward' || value === 'compensation' ? undefined : `must be 'forward' or 'compensation'`),
  round: integerFrom(1),
  attempt: integerFrom(1),
  idempotencyKey: text,
  forwardIdempotencyKey: optional(text),
  firstSentAt: time,
  forwardFirstSentAt: optional(time),
  timeoutMs: optional((value) => (isFinite(value) && value > 0 ? undefined : 'must be a number of milliseconds above 0')),
  command: text,
  payload: (value) => (isRecord(value) ? undefined : 'must be an object'),
  metadata: (value) =>
    isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string') ? undefined : 'must be an object of strings',
  // Whether it is a trace is for who traces to say: a step does not fail for it.
  traceparent: optional(string),
  tracestate: optional(string),
};

/** Without them a participant that has forgotten the action would answer that there is nothing to undo. */
const OF_COMPENSATIONS = ['forwardIdempotencyKey', 'forwardFirstSentAt'] as const;

/** Whether a value can stand in a field: what stands there can be looked for in the fence. */
export const fitsField = (field: keyof CommandMessage, value: unknown): boolean => CHECKS[field](value) === undefined;

/** Reads what came over the wire, where anybody may have put anything. */
export function readCommandMessage(message: unknown): CommandMessage | MessageFault {
  if (!isRecord(message)) return malformed('it is not an object');
  if (message['protocol'] !== PROTOCOL_VERSION) return unknownProtocol(message['protocol']);
  for (const [field, check] of Object.entries(CHECKS)) {
    const fault = check(message[field]);
    if (fault !== undefined) return malformed(`its field ${field} ${fault}`);
  }
  const missing = message['direction'] === 'compensation' && OF_COMPENSATIONS.find((field) => message[field] === undefined);
  if (missing) return malformed(`its field ${missing} is missing, and it is a compensation`);
  return message as unknown as CommandMessage;
}

export const isMessageFault = (message: CommandMessage | MessageFault): message is MessageFault =>
  'why' in message && !('protocol' in message);

/** By these somebody who reads the log finds the sender. */
const TELLING = ['messageId', 'saga', 'sagaId', 'step', 'command'] as const;
const LONGEST_EXCERPT = 100;

/** What a message that cannot be read says of itself, as far as it does. */
export function excerptOf(message: unknown): Readonly<Record<string, string>> {
  if (!isRecord(message)) return {};
  const said = TELLING.flatMap((field) => {
    const value = message[field];
    return typeof value === 'string' ? [[field, value.slice(0, LONGEST_EXCERPT)]] : [];
  });
  return Object.fromEntries(said) as Record<string, string>;
}

function malformed(why: string): MessageFault {
  const mend = 'An orchestrator of nestjs-sagas sends it right; for any other sender see docs/reference/protocol.md.';
  return { code: 'SAGA_MALFORMED_COMMAND', why: `The message is no saga command: ${why}. ${mend}` };
}

function unknownProtocol(protocol: unknown): MessageFault {
  const found = typeof protocol === 'number' || typeof protocol === 'string' ? String(protocol).slice(0, 20) : typeof protocol;
  const why = `The message has protocol version ${found}, and this participant reads version ${PROTOCOL_VERSION}: run the same version of nestjs-sagas on both sides.`;
  return { code: 'SAGA_UNKNOWN_PROTOCOL', why };
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return 'must be a text';
  // Counted as JSON Schema does: a character outside the Basic Multilingual Plane is one, not two.
  if (value.length > LONGEST_NAME && Array.from(value).length > LONGEST_NAME) return `has more than ${LONGEST_NAME} characters`;
  return value.includes('\0') || !value.isWellFormed() ? 'has characters that PostgreSQL cannot store' : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : 'must be a text';
}

function integerFrom(least: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= LARGEST_INTEGER
      ? undefined
      : `must be a whole number from ${least}`;
}

function time(value: unknown): string | undefined {
  return isFinite(value) && value >= 0 ? undefined : 'must be a time in milliseconds';
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
