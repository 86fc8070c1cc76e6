import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Told } from './serve-test.js';

const LOADER = new URL('typescript-loader.js', import.meta.url).href;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ForkedSetup {
  /** Names it in messages. */
  readonly name: string;
  /** What it runs, in TypeScript; it calls `serveTest`. */
  readonly module: URL;
  /** What the test tells it from the start: anything that JSON can carry. */
  readonly settings: object;
  /** Modules that are loaded before everything else. */
  readonly preloads?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process of its own that a test runs, asks, and ends. */
export class ForkedProcess {
  readonly name: string;
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private output = '';
  private asked = 0;

  protected constructor({ name, module, settings, preloads = [], environment = {} }: ForkedSetup) {
    this.name = name;
    const imports = [LOADER, ...preloads].flatMap((one) => ['--import', one]);
    const child = fork(fileURLToPath(module), {
      execArgv: [...imports, '--enable-source-maps'],
      env: { PATH: process.env['PATH'], NO_COLOR: '1', ...environment, NODE_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.setMaxListeners(0); // each question listens for its answer
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.child = child;
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when it serves. */
  static async bootForked(setup: ForkedSetup): Promise<ForkedProcess> {
    const booted = new ForkedProcess(setup);
    await booted.isReady();
    return booted;
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

  /** What it answers to a question of the test. */
  async ask<Answer>(question: object): Promise<Answer> {
    const number = (this.asked += 1);
    const answer = this.told((told) => told.kind !== 'ready' && told.kind !== 'news' && told.number === number);
    // With a callback, a process that has just died is told of by its exit, not by an error that nobody catches.
    this.child.send({ number, question }, () => undefined);
    const told = await answer;
    if (told.kind === 'answer') return told.answer as Answer;
    throw new Error(told.kind === 'failed' ? told.message : `${this.name} did not understand`);
  }

  /** What it says unasked, by `tellTest`. */
  onNews<News>(listen: (news: News) => void): void {
    this.child.on('message', (told: Told) => {
      if (told.kind === 'news') listen(told.news as News);
    });
  }

  protected async isReady(): Promise<void> {
    await this.told(({ kind }) => kind === 'ready');
  }

  private async told(isIt: (told: Told) => boolean): Promise<Told> {
    return new Promise((resolve, reject) => {
      const listen = (told: Told): void => {
        if (!isIt(told)) return;
        this.child.off('message', listen);
        resolve(told);
      };
      this.child.on('message', listen);
      void this.exited.then(({ code, signal }) => reject(new Error(`${this.name} ended (${signal ?? code}): ${this.output.slice(-2000)}`)));
    });
  }
}
