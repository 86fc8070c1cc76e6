import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBooks } from './books.js';
import { deliverParcels } from './demo/carrier.js';
import { crashInMidFlight } from './demo/crash.js';
import { decisionsOf } from './demo/decisions.js';
import { feed } from './demo/feeder.js';
import { OrderApi } from './demo/order-api.js';
import { decideOrders } from './demo/person.js';
import { readOrdersFile, type BadLine, type OrdersFile } from './demo/orders-file.js';
import { report, title } from './demo/report.js';
import { watchUntilEnded } from './demo/settlement.js';
import { Tally } from './demo/tally.js';
import { verdictOf } from './demo/verdict.js';
import type { Closing } from './services/closing.js';
import { machineFaults } from './services/machine.js';
import { readOptions, readPortBase, readTransport, UsageError } from './services/options.js';
import { BLOCK_SIZE, claimFreePorts, claimPortsFrom } from './services/ports.js';
import { runTool } from './services/run-tool.js';
import { openShop, type Shop } from './services/shop.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SHIPPED_ORDERS = fileURLToPath(new URL('./demo/orders.jsonl', import.meta.url));
const SHOWN_BAD_LINES = 20;
/** The person of the demo looks twice a second; this is for those that it leaves lying. */
const APPROVAL_TIMEOUT = '30s';

const USAGE = `npm run demo -- [--orders FILE] [--transport NAME] [--port-base PORT]

Starts PostgreSQL and the shop's services, feeds them orders, approves those above the limit, kills order-service with SIGKILL in
mid-flight and starts it again, delivers the parcels, waits until every order has ended, and checks the books. Exit code 0 only if
every order ended as its line says, the books balance and, with the shipped file, order-service was killed with orders under way.

  --orders FILE      JSON Lines, one order a line as POST /orders takes it; "cancel": "reason" beside its fields cancels it.
                     One that waits for approval gets it; "decline": "reason" declines it, "unattended": true leaves it waiting.
                     The shipped file by default. Bad lines are reported by number and skipped.
  --transport NAME   What commands go over: tcp, or nats, rabbitmq or redis, of this machine's installation. tcp by default.
  --port-base PORT   The ${BLOCK_SIZE} ports from this one on; free ones by default.
  --help             This text.

DATABASE_URL names a PostgreSQL server to use instead of an embedded one; databases of the run are made in it, and dropped.`;

await runTool(demo);

async function demo(closing: Closing): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    { orders: { type: 'string' }, transport: { type: 'string' }, 'port-base': { type: 'string' }, help: { type: 'boolean' } },
    USAGE,
  );
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const base = readPortBase(options['port-base'], BLOCK_SIZE);
  const broker = readTransport(options.transport);
  const file = await readOrdersFile(options.orders === undefined ? SHIPPED_ORDERS : resolve(whereCalled(), options.orders));
  const faults = await machineFaults(ROOT);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  const claim = await (base === undefined ? claimFreePorts() : claimPortsFrom(base)).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const say = sayWithTime();
  reportBadLines(file.badLines, say);
  const shop = await openShop(closing, { root: ROOT, name: 'demo', claim, approvalTimeout: APPROVAL_TIMEOUT, broker, say });
  try {
    return await play(shop, file, { say, signal: closing.signal, shippedOrders: options.orders === undefined });
  } catch (error) {
    if (!closing.signal.aborted) keepFolder(shop);
    throw error;
  }
}

interface PlayOptions {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly shippedOrders: boolean;
}

async function play(shop: Shop, file: OrdersFile, { say, signal, shippedOrders }: PlayOptions): Promise<number> {
  const { services, databases } = shop;
  const assertAlive = (): void => services.assertAlive();
  const api = new OrderApi({ url: services.url('order-service'), signal, assertAlive });
  const tally = new Tally(file.orders.length);
  say(`Feeding ${tally.filed} orders to ${services.url('order-service')}.`);
  const [underWay] = await Promise.all([
    crashInMidFlight({ services, api, tally, say, signal }),
    feed(file.orders, api, tally),
    decideOrders({ api, tally, signal }),
    deliverParcels({ api, tally, signal }),
    watchUntilEnded({ api, tally, say, signal, assertAlive }),
  ]);
  reportBadLines(tally.refused, say);
  say('Every order has ended.');
  for (const line of await report(api, tally, underWay)) console.log(line);
  for (const line of title('The books')) console.log(line);
  const balanced = await checkBooks({ databases, gatewayUrl: services.url('card-gateway') });
  console.log('');
  if (!balanced) keepFolder(shop);
  const { exitCode, text } = verdictOf({
    balanced,
    underWayAtKill: underWay.size,
    shippedOrders,
    accepted: tally.accepted.size,
    decisions: decisionsOf(tally),
  });
  say(text);
  return exitCode;
}

function reportBadLines(badLines: readonly BadLine[], say: (line: string) => void): void {
  for (const { lineNumber, reason } of badLines.slice(0, SHOWN_BAD_LINES)) say(`Line ${lineNumber} is skipped: ${reason}`);
  if (badLines.length > SHOWN_BAD_LINES) say(`${badLines.length - SHOWN_BAD_LINES} more bad lines are skipped.`);
}

function keepFolder({ folder }: Shop): void {
  folder.keep();
  console.error(`Kept until the next run, for a look: ${folder.path}`);
}

/** npm runs its scripts in the workspace, wherever it was called. */
function whereCalled(): string {
  return process.env['INIT_CWD'] ?? process.cwd();
}

/** Each line with the seconds since the first. */
function sayWithTime(): (line: string) => void {
  const begin = performance.now();
  return (line) => console.log(`${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}
