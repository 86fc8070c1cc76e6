import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

/** The second entry of the first row. */
const secondEntry = (entry: string): string =>
  `update saga.saga_journal set entries = jsonb_set(entries::jsonb, '{1}', (${entry})::jsonb)::json where sequence = 1 and saga_id = $1`;

const DAMAGES: readonly (readonly [what: string, sql: string, message: RegExp])[] = [
  ['a row is missing', 'delete from saga.saga_journal where sequence = 1 and saga_id = $1', /^journal entry 3 .* comes after sequence 0$/],
  [
    'an entry says what cannot be',
    secondEntry(`'{"kind":"saga-completed"}'`),
    /^journal entry 2 \(saga-completed\) is illegal in a saga that is pending$/,
  ],
  [
    'an entry is not shaped as one',
    secondEntry(`'{"kind":"step-fanned-out","step":"flight"}'`),
    /^journal entry 2 \(step-fanned-out of flight\) cannot be read/,
  ],
  ['an entry is nothing', secondEntry(`'null'`), /^journal entry 2 /],
  ['a row is nothing', `update saga.saga_journal set entries = 'null' where sequence = 3 and saga_id = $1`, /^journal entry 3 /],
  [
    'an entry names a step that nobody knows',
    secondEntry(`json_build_object('kind', 'attempt-started', 'step', 'train', 'direction', 'forward', 'attempt', 1)`),
    /^journal entry /,
  ],
];

describeProcesses('R4: a journal was damaged by hand', (stage) => {
  it(
    'its saga is stuck and names the entry; the others of the same node end',
    async () => {
      const first = await stage().boot('first');
      const plan = { gates: { hotel: 'hotel' } };
      const damaged = await Promise.all(DAMAGES.map(async () => first.start({ saga: 'journey', plan })));
      const whole = await Promise.all([1, 2].map(async () => first.start({ saga: 'journey', plan })));
      for (const saga of [...damaged, ...whole]) await stage().seen(saga, { what: 'began', deed: 'hotel' });
      await first.kill();
      for (const [index, [, sql]] of DAMAGES.entries()) await stage().query(sql, [damaged[index]]);

      const second = await stage().boot('second');
      await stage().openGate('hotel');
      for (const saga of whole) await stage().reached(saga, 'completed');
      for (const [index, [what, , message]] of DAMAGES.entries()) {
        const { failure, owner } = await stage().reached(damaged[index]!, 'stuck');
        expect([what, failure, owner]).toEqual([
          what,
          { kind: 'failed', code: 'SAGA_JOURNAL_FAULT', message: expect.stringMatching(message) },
          null,
        ]);
      }
      await stage().reached(await second.start({ saga: 'journey', plan: {} }), 'completed');
      for (const saga of damaged) expect(await stage().occurrences(saga, { node: 'second' })).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
