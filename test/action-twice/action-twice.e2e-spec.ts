import { placeOnPostgres } from '../crash-points/places.js';
import { booksInItsTransaction, selection } from '../crash-points/scenarios.js';
import { expectSameEndingWithEachActionTwice } from './twice.js';

describe('every action twice, on PostgreSQL', () => {
  const { place, database } = placeOnPostgres();

  it.each(selection)('$title', async (scenario) => expectSameEndingWithEachActionTwice(scenario, place, { crashes: false }), 60_000);

  it('R18: bookings: both calls of an attempt write in its one transaction, which commits once', async () => {
    await expectSameEndingWithEachActionTwice(booksInItsTransaction, place, { crashes: true });
    const sagas = (await place().store.list({ name: 'books-in-its-transaction', limit: 1000 })).items;
    const counts: { readonly key: string; readonly count: number }[] = await database().query(
      'select key, count(*)::int as count from public.booking group by key',
    );
    // One saga was run as it is.
    expect(counts.filter(({ count }) => count === 1)).toHaveLength(4);
    expect(counts.filter(({ count }) => count === 2)).toHaveLength(4 * (sagas.length - 1));
    expect(counts).toHaveLength(4 * sagas.length);
  }, 60_000);
});
