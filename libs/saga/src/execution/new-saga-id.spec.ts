import { newSagaId } from './new-saga-id.js';

it('ids of sagas are UUIDs of version 7, all different, and later milliseconds sort later', () => {
  const from = Date.now();
  const ids = Array.from({ length: 1_000 }, newSagaId);
  const to = Date.now();
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const at = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at).toBeLessThanOrEqual(to);
  }
});

it('ids sort in the order in which they were made, also within a millisecond', () => {
  const ids = Array.from({ length: 10_000 }, newSagaId);
  expect(ids).toEqual(ids.toSorted());
});

it('R20: ids go on sorting when the clock of the machine jumps back', () => {
  const clock = Date.now.bind(Date);
  const before = newSagaId();
  try {
    Date.now = () => clock() - 86_400_000;
    const ids = [before, newSagaId(), newSagaId()];
    expect(ids).toEqual(ids.toSorted());
  } finally {
    Date.now = clock;
  }
});
