// In ES modules jest hands itself over here.
const { jest } = import.meta as unknown as { readonly jest: typeof globalThis.jest };

/** Time as all nodes of a test know it: it stands still until the test lets it pass. */
export const clock = {
  take(): void {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'], now: Date.UTC(2026, 0, 1) });
  },

  giveBack(): void {
    jest.useRealTimers();
  },

  /** Lets everything happen that needs no time. In memory nothing that a node does waits for more than its promises. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  },

  /** Timers fire one at a time, in order, and what each of them sets off is over before the next one. */
  async pass(ms: number): Promise<void> {
    const until = Date.now() + ms;
    // So that there is a timer at that time, and none is passed.
    setTimeout(() => undefined, ms);
    while (Date.now() < until) {
      jest.advanceTimersToNextTimer();
      await clock.settle();
    }
  },
};
