import fc from 'fast-check';

import { endOfReply } from '../execution/reply-end.js';
import { encodePayload } from '../planning/payload.js';
import { isMessageFault, readCommandMessage } from './command-message.js';
import { newStep } from './participant.fixture.js';
import { faultsOfCommand, faultsOfReply, readSchema } from './protocol-schema.fixture.js';
import { rehydrate } from './rehydrate.js';

class Anything {}

const { action, compensation } = newStep();
const MESSAGES = [action(), action({ item: 3, timeoutMs: 0.5, traceparent: 'x', tracestate: '' }), compensation()];

const ERROR = { code: 'CLOSED', message: 'closed', details: { limit: 3, since: { $date: '2026-01-01T00:00:00.000Z' } } };
const REPLIES = [
  { kind: 'succeeded' },
  { kind: 'deferred' },
  { kind: 'succeeded', result: [null, true, 1.5, 'a', { b: { $object: { $date: 'tomorrow' } } }] },
  { kind: 'refused', error: ERROR, effect: 'none' },
  { kind: 'failed', error: { message: '' }, effect: 'possible', retryAfterMs: 0 },
];

/** Anything that JSON can say, also what looks like the forms of stored values. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(0, -1, 2 ** 31, 1e300, '', 'x'.repeat(256), '🚀'.repeat(255), 'a\0b', 'forward', 'compensation', [], {}),
  fc.dictionary(fc.constantFrom('$date', '$object', 'a', '__proto__'), fc.oneof(fc.jsonValue(), fc.constant('2026-01-01T00:00:00.000Z')), {
    maxKeys: 2,
  }),
);

/** One of `originals` with a property of its own or of another's set to anything, or left out; or anything at all. */
function mutantsOf(originals: readonly object[]): fc.Arbitrary<unknown> {
  const fields = [...new Set(originals.flatMap((original) => Object.keys(original)))];
  const changed = fc.record({ original: fc.constantFrom(...originals), field: fc.constantFrom(...fields), value: fc.option(anything) });
  const mutants = changed.map(({ original, field, value }) => {
    const { [field]: _, ...rest } = original as Record<string, unknown>;
    return value === null ? rest : { ...rest, [field]: value };
  });
  return fc.oneof({ weight: 9, arbitrary: mutants }, { weight: 1, arbitrary: anything });
}

const RUNS = { numRuns: 2_000 };

describe('the schema of a command', () => {
  it('takes what an orchestrator sends', () => {
    for (const message of MESSAGES) expect(faultsOfCommand(message)).toEqual([]);
  });

  it('R24: takes any payload that an orchestrator can send', () => {
    const payload = fc.dictionary(
      fc.oneof(fc.constantFrom('$date', '$object'), fc.string()),
      fc.anything({ withDate: true, withSparseArray: false }),
    );
    fc.assert(
      fc.property(payload, (value) => {
        const stored = storedOf(value);
        if (stored !== undefined) expect(faultsOfCommand(action({ payload: stored }))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('R24: refuses what a participant refuses, and of the fields beside the payload nothing else', () => {
    fc.assert(
      fc.property(mutantsOf(MESSAGES), (message) => {
        const taken = faultsOfCommand(message).length === 0;
        if (taken) expect(isTaken(message)).toBe(true);
        else if (isTaken(message)) expect(faultsOfCommand({ ...(message as object), payload: {} })).toEqual([]);
      }),
      RUNS,
    );
  });

  it.each<[string, object]>([
    ['another version', { protocol: 2 }],
    ['no name', { saga: '' }],
    ['a name of 256 characters', { sagaId: 'x'.repeat(256) }],
    ['U+0000', { step: 'a\0b' }],
    ['half an attempt', { attempt: 1.5 }],
    ['a list', { payload: [] }],
    ['a date', { payload: { $date: '2026-01-01T00:00:00.000Z' } }],
    ['a date that is none', { payload: { on: { $date: '2026-13-01T00:00:00.000Z' } } }],
    ['a compensation that does not name its action', { direction: 'compensation' }],
  ])('refuses %s', (_, fields) => {
    expect(faultsOfCommand({ ...action(), ...fields })).not.toEqual([]);
  });

  it('lets a later version say more', () => {
    expect(faultsOfCommand({ ...action(), priority: 3 })).toEqual([]);
  });

  it('has the fields of the message, no more and no less', () => {
    const fields = new Set(MESSAGES.flatMap((message) => Object.keys(message)));
    expect(Object.keys(readSchema('command').properties).toSorted()).toEqual([...fields].toSorted());
  });
});

describe('the schema of a reply', () => {
  it.each(REPLIES)('takes what a participant answers: %j', (reply) => {
    expect(faultsOfReply(reply)).toEqual([]);
    expect(isBadReply(reply)).toBe(false);
  });

  it('R24: refuses what an orchestrator cannot use', () => {
    fc.assert(
      fc.property(mutantsOf(REPLIES), (reply) => {
        if (isBadReply(reply)) expect(faultsOfReply(reply)).not.toEqual([]);
      }),
      RUNS,
    );
  });
});

function storedOf(value: object) {
  try {
    return encodePayload(value, 10_000);
  } catch {
    return undefined;
  }
}

function isTaken(message: unknown): boolean {
  const read = readCommandMessage(message);
  if (isMessageFault(read)) return false;
  try {
    rehydrate(Anything, read.payload, 10_000);
    return true;
  } catch {
    return false;
  }
}

function isBadReply(reply: unknown): boolean {
  const end = endOfReply(reply, { judgement: { effect: 'possible' }, maxPayload: 10_000, direction: 'forward' });
  return end.kind === 'threw' && end.error.code === 'SAGA_BAD_REPLY';
}
