import { type SagaHandle, type SagaView } from 'nestjs-sagas';

import {
  createTestDatabase,
  LedgerService,
  type TestDatabase,
  type Visit,
} from '../../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../../support/eventually.js';
import { inMemory } from '../../support/in-memory.js';
import { describeStory } from '../../support/saga-app.js';
import { BROKER_MS, describeOverEachTransport, type Wire } from '../../support/transports.js';
import { Gateway } from './gateway.js';
import { HastyTransferSaga, ScrambledTransferSaga, type Transfer } from './scrambled-sagas.js';
import { Scrambler } from './scrambling-client.js';

const SEED = Number(process.env['SCRAMBLER_SEED'] ?? 20_261_127);
const SAGAS = Number(process.env['SCRAMBLER_SAGAS'] ?? 60);
const ENDS = ['completed', 'refused at once', 'completed', 'refused at once', 'refused'] as const;
const LONGEST_MS = 700;
const PATIENCE_MS = 120_000;

describeOverEachTransport('whatever a network does to its messages', (transport) => {
  describeStory(`${SAGAS} sagas`, inMemory, ({ boot }) => {
    let database: TestDatabase;
    let wire: Wire;
    let ledger: LedgerService;

    beforeAll(async () => {
      database = await createTestDatabase();
      wire = await transport.open();
      ledger = await LedgerService.start(database.url, wire);
    }, BROKER_MS);

    afterAll(async () => {
      await ledger.stop();
      await database.drop();
    });

    /** What the handlers do beyond their line in the ledger. */
    const outside = (gateway: Gateway, account: string): void => {
      ledger.script.when('charge', account, ({ context }: Visit) => gateway.charge(context.idempotencyKey));
      ledger.script.when('refund', account, ({ context }: Visit) => gateway.refund(context.forwardIdempotencyKey ?? ''));
    };

    it(
      `R24–R26: each ends, each effect in the database is there once or undone, and outside at most once a key (seed ${SEED})`,
      async () => {
        const scrambler = new Scrambler(wire.client(), { seed: SEED, longest: LONGEST_MS });
        const gateway = new Gateway();
        const app = await boot({
          sagas: [ScrambledTransferSaga, HastyTransferSaga],
          options: { participants: { ledger: scrambler.client }, worker: { concurrency: 20 } },
        });
        const transfers = Array.from({ length: SAGAS }, (_none, index): Transfer => ({
          account: `${transport.name}-${index}`,
          ends: ENDS[index % ENDS.length] ?? 'completed',
        }));
        for (const { account } of transfers) outside(gateway, account);
        const start = async (transfer: Transfer): Promise<Pick<SagaHandle, 'view'>> =>
          transfer.ends === 'refused at once'
            ? app.sagas.start(HastyTransferSaga, transfer)
            : app.sagas.start(ScrambledTransferSaga, transfer);
        const sagas = await Promise.all(transfers.map(start));
        const views = await Promise.all(sagas.map(ended));
        await eventually(() => scrambler.isQuiet, Boolean, PATIENCE_MS);
        const books = await Promise.all(transfers.map(async ({ account }) => ledger.lines(account)));
        expect(views.flatMap((view, index) => faultsOf(view, transfers[index] as Transfer, books[index] ?? []))).toEqual([]);
        const completed = views.filter(({ status }) => status === 'completed').map(({ id }) => `${id}:charge`);
        expect(gateway.charged.toSorted()).toEqual(completed.toSorted());
        expect(gateway.chargedAfterRefund).toEqual([]);
        // That the lot is a fair one.
        const { sent, lost, repeated, late } = scrambler.counts;
        for (const count of [lost, repeated, late]) expect(count).toBeGreaterThan(sent / 10);
        expect(completed.length).toBeGreaterThan(SAGAS / 5);
      },
      2 * PATIENCE_MS,
    );

    const ended = async (saga: Pick<SagaHandle, 'view'>): Promise<SagaView> =>
      eventually(
        async () => saga.view(),
        ({ endedAt, status }) => endedAt !== null || status === 'stuck',
        PATIENCE_MS,
      );
  });
});

/** What is not as it should be: its end, and its lines in the ledger. Lines of the gateway's handlers are written with their replies. */
function faultsOf({ id, status, failure }: SagaView, { ends }: Transfer, lines: readonly string[]): readonly string[] {
  const is = lines.join(', ');
  const fault = `${id} is ${status} (${failure?.code ?? failure?.kind ?? 'no failure'}), and its lines are ${is}`;
  if (status === 'completed') return ends === 'completed' && is === 'deposit, charge' ? [] : [fault];
  const undone = lines.filter((line) => line === 'deposit').length === lines.filter((line) => line === 'take-back').length;
  const isOnce = new Set(lines).size === lines.length;
  return status === 'compensated' && undone && isOnce && lines.indexOf('deposit') <= lines.indexOf('take-back') ? [] : [fault];
}
