import { Closing } from './closing.js';

describe('closing', () => {
  const said: string[] = [];
  const journal: string[] = [];
  const hold = (closing: Closing, name: string) =>
    closing.open(
      name,
      async () => name,
      async () => void journal.push(name),
    );

  beforeEach(() => {
    said.length = 0;
    journal.length = 0;
  });

  it('closes what was opened, the last first, once', async () => {
    const closing = new Closing((line) => said.push(line));
    await hold(closing, 'database');
    await hold(closing, 'services');
    await Promise.all([closing.close(new Error('over')), closing.close(new Error('again'))]);
    expect(journal).toEqual(['services', 'database']);
  });

  it('waits for what is being opened, and closes it', async () => {
    const closing = new Closing(() => {});
    let opened = (): void => {};
    const opening = closing.open(
      'slow',
      () => new Promise<void>((resolve) => (opened = resolve)),
      async () => void journal.push('slow'),
    );
    const closed = closing.close(new Error('over'));
    opened();
    await expect(opening).rejects.toThrow('over');
    await closed;
    expect(journal).toEqual(['slow']);
  });

  it('opens nothing once it began', async () => {
    const closing = new Closing(() => {});
    await closing.close(new Error('over'));
    await expect(hold(closing, 'late')).rejects.toThrow('over');
    expect(journal).toEqual([]);
  });

  it('reports what does not close, and closes the rest', async () => {
    const closing = new Closing((line) => said.push(line));
    await hold(closing, 'database');
    await closing.open(
      'services',
      async () => {},
      () => Promise.reject(new Error('no answer')),
    );
    await closing.close(new Error('over'));
    expect(said).toEqual(['services did not stop: no answer']);
    expect(journal).toEqual(['database']);
  });
});
