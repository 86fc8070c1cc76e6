import { onPostgres } from '../support/on-postgres.js';
import { tellStories } from './stories.js';

describe('stories on PostgreSQL', () => tellStories(onPostgres()));
