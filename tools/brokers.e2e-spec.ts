import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, brokerFault, BROKERS, type BrokerName, startBroker } from './brokers.js';
import { freePort } from './free-port.js';
import { eventually } from './services/eventually.js';

/** RabbitMQ takes five seconds; on a machine with other work, five times that. */
const START_MS = 120_000;
/** Whether somebody takes connections there. */
function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
  });
}

const portOf = ({ url }: Pick<Broker, 'url'>): number => Number(new URL(url).port);

/** Another process that starts a broker, and is killed without a chance to stop it. Its url. */
async function killedRun(name: BrokerName, folder: string): Promise<string> {
  const program = `import { startBroker } from ${JSON.stringify(join(import.meta.dirname, 'brokers.ts'))};
    startBroker(process.argv[1], { folder: process.argv[2] }).then(({ url }) => console.log(url));`;
  const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program, name, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(run.stdout, 'data')) as [Buffer];
  run.kill('SIGKILL');
  return printed.toString().trim();
}

for (const name of BROKERS) {
  const title = `${name} as a tool`;
  const fault = brokerFault(name);
  if (fault === undefined) describe(title, () => tell(name));
  else {
    process.stderr.write(`Left out: ${title}: ${fault}\n`);
    describe.skip(`${title} (${fault})`, () => tell(name));
  }
}

function tell(name: BrokerName): void {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `${name}-`));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it(
    'runs where it is told, stops, and starts again there',
    async () => {
      const broker = await startBroker(name, { folder });
      expect(await isTaken(portOf(broker))).toBe(true);
      await broker.stop();
      expect(await isTaken(portOf(broker))).toBe(false);
      await broker.start();
      expect(await isTaken(portOf(broker))).toBe(true);
      await broker.stop();
    },
    START_MS,
  );

  it(
    'ends with the process that started it, however that ended',
    async () => {
      const url = await killedRun(name, folder);
      await eventually(async () => ((await isTaken(portOf({ url }))) ? undefined : true), {
        withinMs: 10_000,
        otherwise: () => `It lives on at ${url}.`,
      });
    },
    START_MS,
  );

  it(
    'says what it printed where it cannot start',
    async () => {
      const occupant = createServer((socket) => socket.destroy());
      const port = await freePort();
      await new Promise<void>((resolve) => occupant.listen(port, '127.0.0.1', resolve));
      const ports = [port, await freePort(), await freePort()] as const;
      await expect(startBroker(name, { folder, ports })).rejects.toThrow(/did not start: it ended with exit code \d+\. It printed: .*\w/s);
      await new Promise((resolve) => occupant.close(resolve));
    },
    START_MS,
  );
}
