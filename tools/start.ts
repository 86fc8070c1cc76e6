import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { thingsToTry } from './demo/things-to-try.js';
import { SERVICES, type Services } from './services.js';
import type { Closing } from './services/closing.js';
import { machineFaults } from './services/machine.js';
import { readOptions, readPortBase, readTransport, UsageError } from './services/options.js';
import { BLOCK_SIZE, claimFreePorts, claimPortsFrom, claimUsualPorts, type PortClaim } from './services/ports.js';
import { runTool } from './services/run-tool.js';
import { openShop } from './services/shop.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const USAGE = `npm start -- [--transport NAME] [--port-base PORT]

Starts PostgreSQL and the shop's services with empty books, and keeps them running until Ctrl-C.

  --transport NAME   What commands go over: tcp, or nats, rabbitmq or redis, of this machine's installation. tcp by default.
  --port-base PORT   The ${BLOCK_SIZE} ports from this one on. By default those of the README's table, or free ones where one of them is taken.
  --help             This text.

DATABASE_URL names a PostgreSQL server to use instead of an embedded one; databases of the run are made in it, and dropped.`;

const LOOK_EVERY_MS = 300;
/** Long enough to type the command that approves, short enough to see what happens where nobody does. */
const APPROVAL_TIMEOUT = '3m';

await runTool(start, { endsBySignal: true });

async function start(closing: Closing): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    { transport: { type: 'string' }, 'port-base': { type: 'string' }, help: { type: 'boolean' } },
    USAGE,
  );
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const base = readPortBase(options['port-base'], BLOCK_SIZE);
  const broker = readTransport(options.transport);
  const faults = await machineFaults(ROOT);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));

  const claim = await claimPorts(base);
  const { services, databases } = await openShop(closing, {
    root: ROOT,
    name: 'start',
    claim,
    approvalTimeout: APPROVAL_TIMEOUT,
    broker,
    say: (line) => console.log(line),
  });
  const [orderUrl, gatewayUrl] = [services.url('order-service'), services.url('card-gateway')];
  console.log(['', ...SERVICES.map((name) => `${name.padEnd(20)}${services.url(name)}`)].join('\n'));
  console.log(
    thingsToTry({
      orderUrl,
      gatewayUrl,
      databases,
      approvalTimeout: APPROVAL_TIMEOUT,
      orderServicePid: services.pid('order-service'),
    }).join('\n'),
  );
  console.log('\nCtrl-C stops everything, and forgets it.');
  return keepRunning(services, closing.signal);
}

async function claimPorts(base: number | undefined): Promise<PortClaim> {
  if (base !== undefined)
    return claimPortsFrom(base).catch((error: Error) => {
      throw new UsageError(error.message);
    });
  const usual = await claimUsualPorts();
  if (usual) return usual;
  console.log("A port of the README's table is taken; free ones are used.");
  return claimFreePorts();
}

/** Starts again what ends by itself. Never returns; throws where that does not help. */
async function keepRunning(services: Services, signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(LOOK_EVERY_MS, undefined, { signal });
    for (const name of services.ended()) {
      await services.startAgain(name);
      console.log(`${name} had ended, and was started again (process ${services.pid(name)}).`);
    }
  }
}
