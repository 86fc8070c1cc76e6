import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';
import { expectMetadataEverywhere } from './metadata.js';
import { placeInMemory } from './places.js';
import { scenarios } from './scenarios.js';

describe('R19: a node dies right before or right after any of its writes, in memory', () => {
  it.each(Object.values(scenarios))('$title', async (scenario) => expectSameEndingAtEachCrashPoint(scenario, placeInMemory), 60_000);

  it('the metadata of the start is on every command, compensation, event and log line, whoever goes on', async () => {
    await expectMetadataEverywhere(placeInMemory);
  }, 60_000);

  it('and so does the node that takes the saga up, while it does', async () => {
    // Its writes: the node itself, the claim, what became of the attempts of the dead one, and what follows.
    const then = [2, 3, 4].flatMap((write) => [[{ write, moment: 'before' as const }], [{ write, moment: 'after' as const }]]);
    await expectSameEndingAtEachCrashPoint(scenarios.refusedAfterTwoBranches, placeInMemory, then);
  }, 60_000);

  // Its writes: the node itself, the claims of parent and child, and what each of them or the carrier between them does next.
  it.each([scenarios.childTakenBack, scenarios.refusedBesideAChild, scenarios.signalBeforeItsStep, scenarios.eventsBeforeTheStart])(
    '$title: and so does the node that takes it up, while parent, child or carrier go on',
    async (scenario) => {
      const then = [3, 5, 7].flatMap((write) => [[{ write, moment: 'before' as const }], [{ write, moment: 'after' as const }]]);
      await expectSameEndingAtEachCrashPoint(scenario, placeInMemory, then);
    },
    60_000,
  );
});
