import { Semaphore } from './semaphore.js';

describe('Semaphore', () => {
  it('R34: runs so many at once, the others in the order in which they came', async () => {
    const slots = new Semaphore(2);
    const log: string[] = [];
    const finish = new Map<string, () => void>();
    const run = (name: string): Promise<void> =>
      slots.run(() => {
        log.push(name);
        return new Promise<void>((resolve) => finish.set(name, resolve));
      });
    const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    finish.get('b')?.();
    await all[1];
    await new Promise(setImmediate);
    expect(log).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) finish.get(name)?.();
    await all[0];
    await new Promise(setImmediate);
    finish.get('d')?.();
    await Promise.all(all);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the slot back when the work throws', async () => {
    const slots = new Semaphore(1);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(slots.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});
