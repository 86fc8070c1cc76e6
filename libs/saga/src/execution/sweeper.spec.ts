import type { Observation } from './observation.js';
import { Sweeper } from './sweeper.js';

/** Resolves when a sweeper like those under test has swept three times. */
async function threeTurns(): Promise<void> {
  let turns = 0;
  let pass: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (pass = resolve));
  const count = async (): Promise<void> => ((turns += 1) === 3 ? pass() : undefined);
  const sweeper = new Sweeper({ everyMs: 1, doing: 'count', sweep: count }, () => undefined);
  sweeper.start();
  await passed;
  await sweeper.stop();
}

describe('Sweeper', () => {
  it('sweeps again and again, one at a time, and is told when to end', async () => {
    const asked: (() => boolean)[] = [];
    let end: () => void = () => undefined;
    const sweep = async (mayGoOn: () => boolean): Promise<void> => {
      asked.push(mayGoOn);
      await new Promise<void>((resolve) => (end = resolve));
    };
    const sweeper = new Sweeper({ everyMs: 1, doing: 'sweep', sweep }, () => undefined);
    sweeper.start();
    await threeTurns();
    expect(asked).toHaveLength(1);
    end();
    await threeTurns();
    expect(asked).toHaveLength(2);
    const stopped = sweeper.stop();
    expect(asked[1]?.()).toBe(false);
    end();
    await stopped;
    await threeTurns();
    expect(asked).toHaveLength(2);
  });

  it('R32: says what failed, and tries again', async () => {
    const said: Observation[] = [];
    const sweep = () => Promise.reject(new Error('away'));
    const sweeper = new Sweeper({ everyMs: 1, doing: 'sweep', sweep }, (one) => said.push(one));
    sweeper.start();
    await threeTurns();
    await sweeper.stop();
    const failed = { kind: 'store-unavailable', doing: 'sweep', error: new Error('away') };
    expect(said.length).toBeGreaterThan(1);
    expect(said.slice(0, 2)).toEqual([failed, failed]);
  });
});
