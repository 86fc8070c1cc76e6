import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceProcess } from './services/service-process.js';
import { entryOf, environmentOf, SERVICES, urlOf, type ServiceName, type Surroundings } from './services/topology.js';

export { buildServices } from './services/build.js';
export { DATABASES, SERVICES, type DatabaseUrls, type ServiceName } from './services/topology.js';

export interface ServicesOptions extends Omit<Surroundings, 'ledgerFile'> {
  /** The workspace; its `dist` holds the built services. */
  readonly root: string;
  /** Where the logs and the gateway's ledger go. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** The services of the shop, each a process of its own. Built before with `buildServices`. */
export class Services {
  private readonly processes: ReadonlyMap<ServiceName, ServiceProcess>;

  constructor(private readonly options: ServicesOptions) {
    this.processes = new Map(SERVICES.map((name) => [name, new ServiceProcess(this.describe(name))]));
  }

  get logFolder(): string {
    return join(this.options.folder, 'logs');
  }

  url(name: ServiceName): string {
    return urlOf(name, this.options.ports);
  }

  pid(name: ServiceName): number | undefined {
    return this.of(name).pid;
  }

  /** Starts all side by side, and returns when all are healthy. Throws naming the first that is not; the others run on until `stop`. */
  async start(): Promise<void> {
    await mkdir(this.logFolder, { recursive: true });
    await Promise.all([...this.processes.values()].map((service) => service.start(this.options.signal)));
  }

  /** Starts one again, on the same ports and data, and returns when it is healthy. */
  async startAgain(name: ServiceName): Promise<void> {
    await this.of(name).start(this.options.signal);
  }

  /** SIGKILL. */
  async kill(name: ServiceName): Promise<void> {
    await this.of(name).kill();
  }

  /** Those that ended although nobody told them to. */
  ended(): ServiceName[] {
    return SERVICES.filter((name) => this.of(name).endedByItself());
  }

  /** Throws where one ended by itself, with the last lines of its log. */
  assertAlive(): void {
    for (const service of this.processes.values()) service.assertAlive();
  }

  /** Stops all, each within a bound: first order-service, which then need not wait for answers that never come. */
  async stop(): Promise<void> {
    await this.of('order-service').stop();
    await Promise.all([...this.processes.values()].map((service) => service.stop()));
  }

  private of(name: ServiceName): ServiceProcess {
    const service = this.processes.get(name);
    if (!service) throw new Error(`No service is named ${name}. There are: ${SERVICES.join(', ')}.`);
    return service;
  }

  private describe(name: ServiceName): ConstructorParameters<typeof ServiceProcess>[0] {
    return {
      name,
      entry: entryOf(name, join(this.options.root, 'dist')),
      environment: environmentOf(name, { ...this.options, ledgerFile: join(this.options.folder, 'card-gateway-ledger.jsonl') }),
      logFile: join(this.logFolder, `${name}.log`),
      healthUrl: `${this.url(name)}/health`,
    };
  }
}
