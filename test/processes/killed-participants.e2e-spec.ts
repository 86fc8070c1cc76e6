import { randomUUID } from 'node:crypto';

import type { Type } from '@nestjs/common';
import { Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { Charge, Refund, Release, Reserve } from '../scrambler/shop/commands.js';
import { ShopDatabases } from '../scrambler/shop-databases.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, told } from '../support/saga-app.js';
import { BROKER_MS, describeOverEachTransport, type Wire } from '../support/transports.js';
import { ParticipantProcess } from './participant/participant-process.js';
import type { ParticipantSettings } from './participant/settings.js';
import { SilentGateway } from './participant/silent-gateway.js';

interface Order {
  readonly order: string;
  readonly refused?: boolean;
}

type Context = SagaContext<Order>;

/** Over a broker nobody is told that a participant died. */
const TIMEOUT = '2s';
/** Until the participant is there again. */
const PATIENT = { attempts: 'unlimited', delay: 50, maxDelay: 500 } as const;
const UNDOING = { timeout: TIMEOUT, retry: PATIENT } as const;

@SagaDefinition<Order>({ name: 'reservation', retry: PATIENT })
class ReservationSaga {
  @SagaStep({ timeout: TIMEOUT })
  reserve({ input }: Context) {
    return new Reserve(input.order);
  }

  @Compensate('reserve', UNDOING)
  release({ input }: Context) {
    return new Release(input.order);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: Context) {
    if (input.refused) throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}

@SagaDefinition<Order>({ name: 'payment', retry: PATIENT })
class PaymentSaga {
  @SagaStep({ timeout: TIMEOUT })
  charge({ input }: Context) {
    return new Charge(input.order);
  }

  @Compensate('charge', UNDOING)
  refund({ input }: Context) {
    return new Refund(input.order);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: Context) {
    if (input.refused) throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}

/** Asks once. */
@SagaDefinition<Order>({ name: 'impatient-payment', retry: { attempts: 1 } })
class ImpatientPaymentSaga extends PaymentSaga {}

const TEST_TIMEOUT_MS = 60_000;

describeOverEachTransport('a participant is killed (SIGKILL)', (transport) => {
  describeStory('while a saga waits for it', inMemory, ({ boot }) => {
    let databases: ShopDatabases;
    let gateway: SilentGateway;
    let wire: Wire;
    const processes: ParticipantProcess[] = [];

    beforeAll(async () => {
      databases = await ShopDatabases.create();
    });
    beforeEach(async () => {
      gateway = await SilentGateway.start();
      wire = await transport.open();
    }, BROKER_MS);
    afterEach(async () => {
      await Promise.all(processes.splice(0).map(async (one) => one.kill()));
      await gateway.close();
    });
    afterAll(async () => databases.drop());

    const bootParticipant = async (name: ParticipantSettings['name'], holds?: string): Promise<ParticipantProcess> => {
      const settings = { name, databaseUrl: databases[name].url, wire: wire.address, gateway: gateway.url, ...(holds && { holds }) };
      const booted = await ParticipantProcess.boot(settings);
      processes.push(booted);
      return booted;
    };

    const start = async (saga: Type<ReservationSaga | PaymentSaga>, input: Order) => {
      const participants = { stock: wire.client(), till: wire.client() };
      const app = await boot({ sagas: [saga], options: { participants } });
      return app.sagas.start(saga, input);
    };

    const ended = async (saga: Awaited<ReturnType<typeof start>>) => {
      await saga.result({ timeout: '30s' }).catch(() => undefined);
      return saga.view();
    };

    const lines = async (of: ParticipantSettings['name'], order: string) => (await databases.lines(of)).get(order) ?? [];

    it.each([
      { holds: 'stock.reserve', of: 'stock', saga: ReservationSaga, refused: false, done: ['reserve'] },
      { holds: 'stock.release', of: 'stock', saga: ReservationSaga, refused: true, done: ['reserve', 'release'] },
      { holds: 'till.charge', of: 'till', saga: PaymentSaga, refused: false, done: ['charge'] },
      { holds: 'till.refund', of: 'till', saga: PaymentSaga, refused: true, done: ['charge', 'refund'] },
    ] as const)(
      'R25, R26: between the commit of $holds and its reply: it is asked again, and answers with the reply that it stored',
      async ({ holds, of, saga, refused, done }) => {
        const order = randomUUID();
        const first = await bootParticipant(of, holds);
        const handle = await start(saga, { order, refused });
        expect(await first.held).toMatchObject({ kind: 'succeeded' });
        expect(await lines(of, order)).toEqual(done);
        await first.kill();

        await bootParticipant(of);
        const { status, steps } = await ended(handle);
        expect(status).toBe(refused ? 'compensated' : 'completed');
        expect((refused ? steps[0]?.compensation : steps[0])?.attempts).toBeGreaterThan(1);
        expect(await lines(of, order)).toEqual(done);
        const charge = `${handle.id}:charge`;
        if (of === 'till') expect(gateway.asked).toEqual(done.map((what) => `${what} ${charge}`));
      },
      TEST_TIMEOUT_MS,
    );

    describe('after the gateway did what it was asked, and before anything of that was written', () => {
      it(
        'R25: a charge is asked for again under the same key, and made once',
        async () => {
          const order = randomUUID();
          const taken = gateway.doesWithoutAnswer('charge');
          const first = await bootParticipant('till');
          const saga = await start(PaymentSaga, { order });
          const key = await taken;
          await first.kill();
          expect(key).toBe(`${saga.id}:charge`);
          expect(await lines('till', order)).toEqual([]);

          await bootParticipant('till');
          expect(await ended(saga)).toMatchObject({ status: 'completed' });
          expect(await saga.result()).toEqual({ charge: key });
          expect(gateway.asked).toEqual([`charge ${key}`, `charge ${key}`]);
          expect(gateway.charged).toEqual([key]);
          expect(await lines('till', order)).toEqual(['charge']);
        },
        TEST_TIMEOUT_MS,
      );

      it(
        'R10, R25: where the saga unwinds, what was charged is refunded, though no reply to the charge was ever stored',
        async () => {
          const order = randomUUID();
          const taken = gateway.doesWithoutAnswer('charge');
          const first = await bootParticipant('till');
          const saga = await start(ImpatientPaymentSaga, { order });
          const key = await taken;
          await first.kill();
          expect(gateway.charged).toEqual([key]);

          await bootParticipant('till');
          expect(await ended(saga)).toMatchObject({ status: 'compensated', steps: [{ status: 'unknown', attempts: 1 }, {}] });
          expect(gateway.asked).toEqual([`charge ${key}`, `refund ${key}`]);
          expect(gateway.charged).toEqual([]);
          expect(await lines('till', order)).toEqual(['refund']);
        },
        TEST_TIMEOUT_MS,
      );

      it(
        'R25: a refund is asked for again, too',
        async () => {
          const order = randomUUID();
          const taken = gateway.doesWithoutAnswer('refund');
          const first = await bootParticipant('till');
          const saga = await start(PaymentSaga, { order, refused: true });
          const key = await taken;
          await first.kill();
          expect(await lines('till', order)).toEqual(['charge']);

          await bootParticipant('till');
          expect(await ended(saga)).toMatchObject({ status: 'compensated' });
          expect(gateway.asked).toEqual([`charge ${key}`, `refund ${key}`, `refund ${key}`]);
          expect(await lines('till', order)).toEqual(['charge', 'refund']);
          expect((await told(saga)).filter((line) => line === 'undo charge succeeded')).toHaveLength(1);
        },
        TEST_TIMEOUT_MS,
      );
    });
  });
});
