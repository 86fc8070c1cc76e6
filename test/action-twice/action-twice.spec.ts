import { placeInMemory } from '../crash-points/places.js';
import { scenarios } from '../crash-points/scenarios.js';
import { expectSameEndingWithEachActionTwice } from './twice.js';

describe('every action twice, and a node that dies at each of its writes, in memory', () => {
  it.each(Object.values(scenarios))(
    '$title',
    async (scenario) => expectSameEndingWithEachActionTwice(scenario, placeInMemory, { crashes: true }),
    60_000,
  );
});
