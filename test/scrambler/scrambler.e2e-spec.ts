import { describeOverEachTransport } from '../support/transports.js';
import { scramble } from './scramble.js';

const SEED = Number(process.env['SCRAMBLER_SEED'] ?? 7);

describeOverEachTransport(
  'a shop whose messages get lost, come twice, late and in any order, and whose processes are killed',
  (transport) => {
    it(`R19, R24–R26: every order ends, all books balance, each effect in a database is there once, and outside once a key (seed ${SEED})`, async () => {
      const { orders, messages, killed } = await scramble({ transport, sagas: 40, kills: 4, seed: SEED });
      // That the lot is a fair one.
      for (const count of [messages.lost, messages.repeated, messages.late]) expect(count).toBeGreaterThan(messages.sent / 10);
      for (const status of ['completed', 'compensated']) {
        expect(orders.filter((order) => order.status === status).length).toBeGreaterThan(orders.length / 5);
      }
      for (const role of ['orchestrator', 'stock', 'till', 'gateway']) expect(killed).toContainEqual(expect.stringContaining(role));
    }, 300_000);
  },
);
