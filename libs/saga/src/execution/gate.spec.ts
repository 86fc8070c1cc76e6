import { Gate, STALLED_AFTER_MS } from './gate.js';

// In ES modules jest hands itself over here.
const { jest } = import.meta as unknown as { readonly jest: typeof globalThis.jest };

/** Ends when it is told to. */
interface Passage {
  readonly name: string;
  readonly leave: () => void;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

describe('a gate', () => {
  let gate: Gate;
  let inside: Passage[];
  beforeEach(() => {
    gate = new Gate(2);
    inside = [];
  });

  const pass = (name: string): Promise<void> => gate.pass((leave) => new Promise((end, fail) => inside.push({ name, leave, end, fail })));
  const passed = async (): Promise<string[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    return inside.map(({ name }) => name);
  };

  it('lets so many in, and another one for each that is done, in the order of asking', async () => {
    const all = ['a', 'b', 'c', 'd'].map(pass);
    expect(await passed()).toEqual(['a', 'b']);
    inside[1]?.end();
    expect(await passed()).toEqual(['a', 'b', 'c']);
    inside[0]?.end();
    expect(await passed()).toEqual(['a', 'b', 'c', 'd']);
    inside.forEach(({ end }) => end());
    await Promise.all(all);
  });

  it('what fails makes room, too', async () => {
    const [first] = ['a', 'b', 'c'].map(pass);
    inside[0]?.fail(new Error('refused'));
    await expect(first).rejects.toThrow('refused');
    expect(await passed()).toEqual(['a', 'b', 'c']);
  });

  it('what leaves early makes room once', async () => {
    const all = ['a', 'b', 'c', 'd'].map(pass);
    inside[0]?.leave();
    inside[0]?.leave();
    inside[0]?.end();
    expect(await passed()).toEqual(['a', 'b', 'c']);
    inside[1]?.end();
    expect(await passed()).toEqual(['a', 'b', 'c', 'd']);
    inside.forEach(({ end }) => end());
    await Promise.all(all);
    void ['e', 'f', 'g'].map(pass);
    expect(await passed()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('R32: where nobody comes out for a second, all are let in', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const all = ['a', 'b', 'c', 'd'].map(pass);
    jest.advanceTimersByTime(STALLED_AFTER_MS / 2);
    inside[0]?.end();
    expect(await passed()).toEqual(['a', 'b', 'c']);
    jest.advanceTimersByTime(STALLED_AFTER_MS / 2);
    expect(await passed()).toEqual(['a', 'b', 'c']);
    jest.advanceTimersByTime(STALLED_AFTER_MS);
    expect(await passed()).toEqual(['a', 'b', 'c', 'd']);
    jest.useRealTimers();
    inside.forEach(({ end }) => end());
    await Promise.all(all);
    void ['e', 'f', 'g'].map(pass);
    expect(await passed()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
