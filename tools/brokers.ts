import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { KeptProcess } from './brokers/kept-process.js';
import { NATS } from './brokers/nats.js';
import { RABBITMQ } from './brokers/rabbitmq.js';
import type { BrokerPorts, Part, Recipe } from './brokers/recipe.js';
import { REDIS } from './brokers/redis.js';
import { freePort } from './free-port.js';

const RECIPES = { nats: NATS, rabbitmq: RABBITMQ, redis: REDIS } as const satisfies Record<string, Recipe>;

export type BrokerName = keyof typeof RECIPES;

export const BROKERS = Object.keys(RECIPES) as readonly BrokerName[];

export const brokerTitle = (name: BrokerName): string => RECIPES[name].title;

export interface BrokerOptions {
  /** Where it keeps its data; a folder of its own, made if missing. */
  readonly folder: string;
  /** On 127.0.0.1; free ones by default. */
  readonly ports?: BrokerPorts;
  /** Ends the wait for its start. */
  readonly signal?: AbortSignal;
}

export interface Broker {
  /** What clients connect to. */
  readonly url: string;
  /** Starts it again after `stop`, on the same ports and data. */
  start(): Promise<void>;
  /** SIGKILL. */
  stop(): Promise<void>;
}

/** What this machine lacks to run it, in one line; undefined where it lacks nothing. */
export function brokerFault(name: BrokerName): string | undefined {
  const { title, debianPackage } = RECIPES[name];
  if (findProgram(name) !== undefined) return undefined;
  return `${title} is not installed on this machine: apt-get install ${debianPackage} (on Debian).`;
}

/**
 * A broker of the machine's own installation, apart from every other: in a folder, on 127.0.0.1. It ends with this process.
 * @throws Error that says what is missing, or what it printed where it does not start
 */
export async function startBroker(name: BrokerName, { folder, ports, signal }: BrokerOptions): Promise<Broker> {
  const program = findProgram(name);
  if (program === undefined) throw new Error(brokerFault(name));
  await mkdir(folder, { recursive: true });
  const chosen = ports ?? [await freePort(), await freePort(), await freePort()];
  const recipe = RECIPES[name];
  const broker = new InstalledBroker(recipe.url(chosen[0]), recipe.parts({ program, folder, ports: chosen }), signal);
  await broker.start();
  return broker;
}

class InstalledBroker implements Broker {
  private readonly running: KeptProcess[] = [];

  constructor(
    readonly url: string,
    private readonly parts: readonly Part[],
    private readonly signal: AbortSignal | undefined,
  ) {}

  async start(): Promise<void> {
    try {
      for (const part of this.parts) this.running.push(await KeptProcess.start(part, this.signal));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const part of this.running.splice(0).toReversed()) await part.end();
  }
}

function findProgram(name: BrokerName): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = RECIPES[name].programs.flatMap((program) =>
    isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program)),
  );
  return paths.find((path) => existsSync(path));
}
