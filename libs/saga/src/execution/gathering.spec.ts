import { Gathering } from './gathering.js';

describe('Gathering', () => {
  it('does one piece of work at a time for each key, and one more for all that asked meanwhile', async () => {
    const gathering = new Gathering();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const ask = (name: string, key = 'a'): Promise<void> =>
      gathering.run(key, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    const first = ask('first');
    const others = [ask('second'), ask('third')];
    const elsewhere = ask('elsewhere', 'b');
    expect(begun).toEqual(['first', 'elsewhere']);
    ends.shift()?.();
    await first;
    await Promise.resolve();
    expect(begun).toEqual(['first', 'elsewhere', 'second']);
    for (const end of ends.splice(0)) end();
    await Promise.all([...others, elsewhere]);
    const later = ask('later');
    expect(begun.at(-1)).toBe('later');
    ends.shift()?.();
    await later;
  });

  it('goes on after work that failed', async () => {
    const gathering = new Gathering();
    const failing = gathering.run('a', async () => {
      throw new Error('no');
    });
    const next = gathering.run('a', async () => undefined);
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBeUndefined();
  });
});
