import { join } from 'node:path';
import { brokerTitle, type BrokerName, startBroker } from '../brokers.js';
import { startPostgres, type Postgres } from '../postgres.js';
import { buildServices, DATABASES, Services, type DatabaseUrls } from '../services.js';
import type { Closing } from './closing.js';
import { dropDatabase } from './drop-database.js';
import type { PortClaim } from './ports.js';
import { openRunFolder, type RunFolder } from './run-folder.js';

// Not less: where other work keeps the cores busy, a node that lives loses a shorter lease, and its sagas with it.
const SAGA_LEASE = '5s';

export interface ShopOptions {
  /** The workspace. */
  readonly root: string;
  /** What the run's folder and databases are named by. */
  readonly name: string;
  readonly claim: PortClaim;
  /** How long an order above the limit waits for a person. */
  readonly approvalTimeout: string;
  /** The broker that commands go over; undefined for TCP. */
  readonly broker: BrokerName | undefined;
  readonly say: (line: string) => void;
}

/** PostgreSQL and all services, healthy, on empty databases of their own. */
export interface Shop {
  readonly services: Services;
  readonly databases: DatabaseUrls;
  readonly folder: RunFolder;
}

/** Sets the shop up, everything held by `closing`. Two shops side by side share nothing but the built files. */
export async function openShop(closing: Closing, options: ShopOptions): Promise<Shop> {
  const { root, claim, approvalTimeout, say } = options;
  await closing.open(
    'the claim of the ports',
    () => Promise.resolve(claim),
    () => claim.release(),
  );
  const folder = await closing.open(
    'the folder of the run',
    () => openRunFolder(root, options.name),
    (opened) => opened.close(),
  );
  const [databases, brokerUrl] = await Promise.all([
    openDatabases(closing, options, folder),
    openBroker(closing, options, folder),
    build(closing, options),
  ]);
  const services = await closing.open(
    'the services',
    async () =>
      new Services({
        root,
        folder: folder.path,
        ports: claim.ports,
        databases,
        sagaLease: SAGA_LEASE,
        approvalTimeout,
        brokerUrl,
        signal: closing.signal,
      }),
    (opened) => opened.stop(),
  );
  const since = performance.now();
  await services.start();
  say(`The services are healthy, after ${seconds(since)}. Their logs: ${services.logFolder}`);
  return { services, databases, folder };
}

async function build(closing: Closing, { root, say }: ShopOptions): Promise<void> {
  const since = performance.now();
  const result = await closing.open(
    'the build',
    () => buildServices({ root, signal: closing.signal, onBuild: () => say('Building the services with nest build.') }),
    async () => {},
  );
  say(result === 'built' ? `The services are built, in ${seconds(since)}.` : 'The services are built already, from these very sources.');
}

async function openBroker(closing: Closing, { broker: name, claim, say }: ShopOptions, folder: RunFolder): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const since = performance.now();
  // Nobody listens on the services' own ports then.
  const { tcp } = claim.ports;
  const ports = [tcp['payment-service'], tcp['inventory-service'], tcp['shipping-service']] as const;
  const title = brokerTitle(name);
  const { url } = await closing.open(
    title,
    () => startBroker(name, { folder: join(folder.path, name), ports, signal: closing.signal }),
    (opened) => opened.stop(),
  );
  say(`${title} is ready, after ${seconds(since)}: commands go over it.`);
  return url;
}

async function openDatabases(closing: Closing, { claim, say }: ShopOptions, folder: RunFolder): Promise<DatabaseUrls> {
  const since = performance.now();
  const given = process.env['DATABASE_URL'];
  say(given ? `Using PostgreSQL at ${new URL(given).host} (DATABASE_URL).` : `Starting PostgreSQL in ${folder.postgres}.`);
  const postgres = await closing.open(
    'PostgreSQL',
    () => startPostgres({ folder: folder.postgres, port: claim.ports.postgres }),
    (opened) => opened.stop(),
  );
  const urls: Record<string, string> = {};
  for (const [service, name] of Object.entries(DATABASES)) urls[service] = await openDatabase(closing, postgres, `${folder.name}_${name}`);
  say(`PostgreSQL is ready with ${Object.keys(DATABASES).length} empty databases, after ${seconds(since)}.`);
  return urls as DatabaseUrls;
}

function openDatabase(closing: Closing, postgres: Postgres, name: string): Promise<string> {
  // An embedded server goes with its folder; a given one is left as it was found.
  const close = (): Promise<void> => (process.env['DATABASE_URL'] ? dropDatabase(postgres.url, name) : Promise.resolve());
  return closing.open(`database ${name}`, () => postgres.createDatabase(name), close);
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
