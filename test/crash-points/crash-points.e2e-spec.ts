import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';
import { expectMetadataEverywhere } from './metadata.js';
import { placeOnPostgres } from './places.js';
import { booksInItsTransaction, selection } from './scenarios.js';
import { unwoundMeanwhile } from './slow-bank.js';

describe('R19: a node dies right before or right after any of its writes, on PostgreSQL', () => {
  const { place, database } = placeOnPostgres();

  it.each(selection)('$title', async (scenario) => expectSameEndingAtEachCrashPoint(scenario, place), 60_000);

  it('a saga that unwinds while its participant has not answered yet', async () => {
    await expectSameEndingAtEachCrashPoint(unwoundMeanwhile().scenario, place);
  }, 60_000);

  it('the metadata of the start is on every command, compensation, event and log line, whoever goes on', async () => {
    await expectMetadataEverywhere(place);
  }, 60_000);

  it('R18: bookings in the transaction of their steps are there exactly once', async () => {
    await expectSameEndingAtEachCrashPoint(booksInItsTransaction, place);
    const sagas = (await place().store.list({ name: 'books-in-its-transaction', limit: 1000 })).items;
    const steps = ['debit', 'credit', 'credit:compensation', 'debit:compensation'];
    const booked: { readonly key: string }[] = await database().query('select key from public.booking');
    expect(booked.map(({ key }) => key).toSorted()).toEqual(
      sagas.flatMap(({ row }) => steps.map((step) => `${row.id}:${step}`)).toSorted(),
    );
    expect(sagas.length).toBeGreaterThan(10);
  }, 60_000);
});
