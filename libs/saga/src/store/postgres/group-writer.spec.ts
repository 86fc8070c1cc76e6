import { anEntry, aSaga, RUNNING } from '../conformance/store-under-test.js';
import { type GroupAnswer, GroupWriter } from './group-writer.js';

/** A writer over connections that answer when the test says so. */
function begin({ arePipelined }: { readonly arePipelined: boolean }) {
  const sent: { readonly name: string; readonly answer: () => void }[] = [];
  const prepared = (name: string, _statement: string, [ids]: readonly unknown[]): Promise<readonly Record<string, unknown>[]> =>
    new Promise((resolve) => {
      const rows = idsOf(ids).map((id) => ({ id, due: false }));
      sent.push({ name, answer: () => resolve(rows) });
    });
  const writer = new GroupWriter('saga', { prepared, arePipelined });
  const start = (count: number): Promise<GroupAnswer>[] =>
    Array.from({ length: count }, () => writer.write({ kind: 'start', saga: { ...aSaga({ progress: RUNNING }), entries: [anEntry(1)] } }));
  return { sent, start };
}

/** Of a group's first column; a start that goes alone has its id there. */
const idsOf = (column: unknown): readonly string[] => String(column).replaceAll(/[{}]/g, '').split(',');

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('GroupWriter', () => {
  it('sends one half behind the other, and a third group when the first is answered', async () => {
    const { sent, start } = begin({ arePipelined: true });
    const all = start(100);
    await settled();
    expect(sent).toHaveLength(2);
    const more = start(100);
    await settled();
    expect(sent).toHaveLength(2);
    sent[0]?.answer();
    await settled();
    expect(sent.length).toBeGreaterThan(2);
    for (let answered = 1; answered < sent.length; answered += 1) {
      sent[answered]?.answer();
      await settled();
    }
    expect((await Promise.all([...all, ...more])).every(({ kind }) => kind === 'passed')).toBe(true);
  });

  it('sends what is there when a group is told, although it is no half', async () => {
    const { sent, start } = begin({ arePipelined: true });
    const all = start(100);
    await settled();
    const more = start(30);
    sent[0]?.answer();
    await settled();
    // Thirty, where half of those on their way are forty.
    expect(sent).toHaveLength(3);
    for (const { answer } of sent) answer();
    expect((await Promise.all([...all, ...more])).every(({ kind }) => kind === 'passed')).toBe(true);
  });

  it('sends no group before the last one is answered, where the driver cannot send two', async () => {
    const { sent, start } = begin({ arePipelined: false });
    const all = start(100);
    await settled();
    expect(sent).toHaveLength(1);
    sent[0]?.answer();
    await settled();
    expect(sent).toHaveLength(2);
    sent[1]?.answer();
    expect((await Promise.all(all)).every(({ kind }) => kind === 'passed')).toBe(true);
  });

  it('writes what is alone by a statement of its own', async () => {
    const { sent, start } = begin({ arePipelined: true });
    const [only] = start(1);
    await settled();
    expect(sent.map(({ name }) => name)).toEqual(['write saga_journal: a start']);
    sent[0]?.answer();
    await expect(only).resolves.toEqual({ kind: 'passed', due: false });
  });
});
