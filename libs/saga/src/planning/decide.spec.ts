import { decide } from './decide.js';
import type { Definition, SagaInstance, StepDefinition } from './definition.js';
import { fold } from './fold.js';
import { resolveRetryPolicy } from './retry-policy.js';

const step = (name: string, after: string[], over: Partial<StepDefinition> = {}): StepDefinition => ({
  name, was: [], kind: 'compensatable', after, concurrency: Infinity, onRejected: 'unwind', retry: resolveRetryPolicy({ attempts: 1 }), timeoutMs: 1000,
  delayMs: 0, transactional: false, idempotent: true, compensation: { retry: resolveRetryPolicy({ attempts: 1 }), timeoutMs: 1000, onUnknown: 'compensate', transactional: false }, ...over,
});
const definition: Definition = { name: 's', version: 1, hash: 'h', timeoutMs: null, maxPayload: 1000, alertAfter: 5, crashLimit: 5, steps: [step('a', []), step('b', ['a']), step('c', ['b'])] };
const saga: SagaInstance = { id: '1', name: 's', version: 1, key: null, input: {}, metadata: {}, startedAt: 0, deadlineAt: null };

it('goes there and back', () => {
  const situation = { now: 1, random: () => 0 };
  let state = fold([{ kind: 'saga-started', sequence: 1, at: 0 }]);
  let d = decide(definition, saga, state, [], situation);
  expect(d.entries.map((e) => e.kind)).toEqual(['attempt-started']);
  d = decide(definition, saga, d.state, [{ kind: 'attempt-ended', attempt: { step: 'a', direction: 'forward', attempt: 1 }, end: { kind: 'returned' } }], situation);
  expect(d.entries.map((e) => e.kind)).toEqual(['step-succeeded', 'attempt-started']);
  d = decide(definition, saga, d.state, [{ kind: 'attempt-ended', attempt: { step: 'b', direction: 'forward', attempt: 1 }, end: { kind: 'refused', error: { message: 'no' } } }], situation);
  expect(d.entries.map((e) => e.kind)).toEqual(['step-failed', 'unwinding-began', 'step-skipped', 'attempt-started']);
  d = decide(definition, saga, d.state, [{ kind: 'attempt-ended', attempt: { step: 'a', direction: 'compensation', attempt: 1 }, end: { kind: 'returned' } }], situation);
  expect(d.entries.map((e) => e.kind)).toEqual(['compensation-succeeded', 'saga-compensated']);
  state = d.state;
  expect(state.status).toBe('compensated');
});
