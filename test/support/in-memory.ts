import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import { tellWithEachActionTwice } from '../action-twice/tell-with-each-action-twice.js';
import { tellAtEachCrashPoint } from '../crash-points/tell-at-each-crash-point.js';
import type { StoryStore } from './saga-app.js';

/** One store a test, which its applications share. */
export const inMemory: StoryStore = {
  name: 'memory',
  retellings: [
    { title: 'R19: whichever write its node dies at', tell: tellAtEachCrashPoint },
    { title: 'with each action twice', tell: tellWithEachActionTwice },
  ],
  open: async () => {
    let passedMs = 0;
    const store = new InMemorySagaStore({ now: () => Date.now() + passedMs });
    return {
      imports: () => [],
      options: { store: 'memory' },
      // The others go on when one closes.
      openStore: async () => Object.assign(Object.create(store) as InMemorySagaStore, { close: async () => undefined }),
      pass: async (ms) => void (passedMs += ms),
      leave: async () => store.close(),
    };
  },
};
