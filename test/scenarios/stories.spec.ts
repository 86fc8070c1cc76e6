import { inMemory } from '../support/in-memory.js';
import { tellStories } from './stories.js';

describe('stories in memory', () => tellStories(inMemory));
