import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { CrashPlace } from './crash-points.js';
import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';
import { scenarios } from './scenarios.js';

/** Each run has sagas and a clock of its own. */
function inMemory(): CrashPlace {
  let shiftMs = 0;
  const store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
  return { store, pass: async (ms) => void (shiftMs += ms) };
}

describe('R19: a node dies right before or right after any of its writes, in memory', () => {
  it.each(Object.values(scenarios))('$title', async (scenario) => expectSameEndingAtEachCrashPoint(scenario, inMemory), 60_000);
});
