import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Ask, NodeSettings, StartRequest, Tell } from './node/settings.js';

const LOADER = new URL('../support/typescript-loader.js', import.meta.url).href;
const MAIN = fileURLToPath(new URL('node/main.ts', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface NodeProcessSetup extends NodeSettings {
  /** Modules that are loaded before everything else. */
  readonly preloads?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A node that executes sagas, as a process of its own. */
export class NodeProcess {
  readonly exited: Promise<Exit>;
  private output = '';
  private asked = 0;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.setMaxListeners(0); // each question listens for its answer
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when it executes sagas. */
  static async boot({ preloads = [], environment = {}, ...settings }: NodeProcessSetup): Promise<NodeProcess> {
    const imports = [LOADER, ...preloads].flatMap((module) => ['--import', module]);
    const child = fork(MAIN, {
      execArgv: [...imports, '--enable-source-maps'],
      env: { PATH: process.env['PATH'], NO_COLOR: '1', ...environment, NODE_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const node = new NodeProcess(settings.name, child);
    await node.told(({ kind }) => kind === 'ready');
    return node;
  }

  /** What it has printed. */
  get printed(): string {
    return this.output;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async kill(): Promise<Exit> {
    if (this.isRunning) this.signal('SIGKILL');
    return this.exited;
  }

  /** Starts a saga by its client. @returns the saga's id */
  async start(start: StartRequest): Promise<string> {
    const ask: Ask = { number: (this.asked += 1), start };
    const answer = this.told((tell) => tell.kind !== 'ready' && tell.number === ask.number);
    // With a callback, a process that has just died is told of by its exit, not by an error that nobody catches.
    this.child.send(ask, () => undefined);
    const tell = await answer;
    if (tell.kind === 'started') return tell.sagaId;
    throw new Error(tell.kind === 'failed' ? tell.message : `${this.name} did not understand`);
  }

  private async told(isIt: (tell: Tell) => boolean): Promise<Tell> {
    return new Promise((resolve, reject) => {
      const listen = (tell: Tell): void => {
        if (!isIt(tell)) return;
        this.child.off('message', listen);
        resolve(tell);
      };
      this.child.on('message', listen);
      void this.exited.then(({ code, signal }) => reject(new Error(`${this.name} ended (${signal ?? code}): ${this.output.slice(-2000)}`)));
    });
  }
}
