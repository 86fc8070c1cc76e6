import { inMemory } from '../support/in-memory.js';
import { tellBadNeighbours } from './bad-neighbours.scenario.js';
import { tellDurableBeforeActing } from './durable-before-acting.scenario.js';
import { tellOutcomes } from './outcomes.scenario.js';
import { tellUnstorableValues } from './unstorable-values.scenario.js';

describe('in memory', () => {
  tellDurableBeforeActing(inMemory);
  tellUnstorableValues(inMemory);
  tellOutcomes(inMemory);
  tellBadNeighbours(inMemory);
});
