import type { StoryStore } from './saga-app.js';

export const inMemory: StoryStore = {
  name: 'memory',
  open: async () => ({ imports: () => [], options: { store: 'memory' }, leave: async () => undefined }),
};
