import { inMemory } from '../support/in-memory.js';
import { tellDurableBeforeActing } from './durable-before-acting.scenario.js';

describe('in memory', () => {
  tellDurableBeforeActing(inMemory);
});
