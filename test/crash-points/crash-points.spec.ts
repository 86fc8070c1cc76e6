import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { CrashPlace } from './crash-points.js';
import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';
import { expectMetadataEverywhere } from './metadata.js';
import { scenarios } from './scenarios.js';

/** Each run has sagas and a clock of its own. */
function inMemory(): CrashPlace {
  let shiftMs = 0;
  const store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
  return { store, pass: async (ms) => void (shiftMs += ms) };
}

describe('R19: a node dies right before or right after any of its writes, in memory', () => {
  it.each(Object.values(scenarios))('$title', async (scenario) => expectSameEndingAtEachCrashPoint(scenario, inMemory), 60_000);

  it('the metadata of the start is on every command, compensation, event and log line, whoever goes on', async () => {
    await expectMetadataEverywhere(inMemory);
  }, 60_000);

  it('and so does the node that takes the saga up, while it does', async () => {
    // Its writes: the node itself, the claim, what became of the attempts of the dead one, and what follows.
    const then = [2, 3, 4].flatMap((write) => [[{ write, moment: 'before' as const }], [{ write, moment: 'after' as const }]]);
    await expectSameEndingAtEachCrashPoint(scenarios.refusedAfterTwoBranches, inMemory, then);
  }, 60_000);
});
