import type { Release } from './node/settings.js';
import type { NodeProcess } from './node-process.js';
import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

describeProcesses('a rolling deploy, with sagas in flight', (stage) => {
  const bootTwo = async (release: Release): Promise<readonly [NodeProcess, NodeProcess]> => {
    const [one, other] = await Promise.all(['a', 'b'].map(async (name) => stage().boot(`${release} ${name}`, {}, { release })));
    return [one!, other!];
  };

  /** One on each node, at each point: a step under way, the next one, and a compensation. */
  const startAll = async (nodes: readonly NodeProcess[]) => {
    const start = async (plan: object): Promise<readonly string[]> =>
      Promise.all(nodes.map(async (node) => node.start({ saga: 'delivery', plan })));
    const packing = await start({ gates: { pack: 'pack' } });
    const sending = await start({ gates: { send: 'send' } });
    const unpacking = await start({ refuses: 'send', gates: { unpack: 'unpack' } });
    for (const saga of packing) await stage().seen(saga, { what: 'began', deed: 'pack' });
    for (const saga of sending) await stage().seen(saga, { what: 'began', deed: 'send' });
    for (const saga of unpacking) await stage().seen(saga, { what: 'began', deed: 'unpack' });
    return { packing, sending, unpacking };
  };

  /** One is stopped as a deploy does it, and the other one dies in the middle of it. */
  const replace = async ([stopped, killed]: readonly [NodeProcess, NodeProcess]): Promise<void> => {
    stopped.signal('SIGTERM');
    await killed.kill();
    expect(await stopped.exited).toEqual({ code: 0, signal: null });
  };

  it(
    'R23: a changed class: what has begun goes on under its name, what has not begun is new; every saga ends, every effect is there once',
    async () => {
      const before = await bootTwo('first');
      const { packing, sending, unpacking } = await startAll(before);
      const [after] = await bootTwo('changed');
      const early = await after.start({ saga: 'delivery', plan: {} });
      await stage().reached(early, 'completed');
      await replace(before);
      for (const gate of ['pack', 'send', 'unpack']) await stage().openGate(gate);

      for (const saga of [...packing, ...sending]) {
        await stage().reached(saga, 'completed');
        expect(await stage().effects(saga)).toEqual({ pack: 1, send: 1, report: 1 });
        const steps = (await stage().journal(saga)).flatMap(({ step }) => step ?? []);
        expect(new Set(steps)).toEqual(new Set(['pack', 'send', 'report']));
      }
      for (const saga of unpacking) {
        await stage().reached(saga, 'compensated');
        expect(await stage().effects(saga)).toEqual({ pack: 1, send: 1, 'pack:compensation': 1 });
      }
      // Begun under the new name, it was never under another.
      expect(await stage().effects(early)).toEqual({ wrap: 1, send: 1, report: 1 });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R23: a new version beside the old one: what began on the old one ends on it, what starts meanwhile starts on the new one',
    async () => {
      const before = await bootTwo('first');
      const { packing, sending, unpacking } = await startAll(before);
      const [after] = await bootTwo('second');
      const early = await after.start({ saga: 'delivery', plan: {} });
      // Held before its effect: killed right after it, it would rightly do it once more.
      const late = await before[1].start({ saga: 'delivery', plan: { gates: { pack: 'pack' } } });
      await stage().seen(late, { what: 'began', deed: 'pack' });
      await replace(before);
      for (const gate of ['pack', 'send', 'unpack']) await stage().openGate(gate);

      for (const saga of [...packing, ...sending, late]) {
        await stage().reached(saga, 'completed');
        expect(await stage().effects(saga)).toEqual({ pack: 1, send: 1 });
      }
      for (const saga of unpacking) {
        await stage().reached(saga, 'compensated');
        expect(await stage().effects(saga)).toEqual({ pack: 1, send: 1, 'pack:compensation': 1 });
      }
      await stage().reached(early, 'completed');
      expect(await stage().effects(early)).toEqual({ fly: 1 });
    },
    TEST_TIMEOUT_MS,
  );
});
