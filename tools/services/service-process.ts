import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.js';

export interface ServiceOptions {
  readonly name: string;
  /** The JavaScript file to run. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where its output goes; a second start appends. */
  readonly logFile: string;
  /** Answers 200 once the service is ready. */
  readonly healthUrl: string;
}

const HEALTHY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 15_000;
const SHOWN_LOG_LINES = 15;
const LIFELINE = new URL('./lifeline.mjs', import.meta.url).href;

/** One service as a process of its own, which can be killed and started again. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private wanted = false;

  constructor(private readonly options: ServiceOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it, and returns when it is healthy. Throws, with the last lines of its log, where it ends or does not get there in time. */
  async start(signal?: AbortSignal): Promise<void> {
    this.spawn();
    await eventually(() => this.isHealthy(), {
      withinMs: HEALTHY_WITHIN_MS,
      everyMs: 50,
      signal,
      otherwise: () =>
        `${this.name} was not healthy at ${this.options.healthUrl} within ${HEALTHY_WITHIN_MS / 1000} s. ${this.lastLogLines()}`,
    });
  }

  /** Whether it ended although nobody told it to. */
  endedByItself(): boolean {
    return this.wanted && (!this.child?.pid || this.child.exitCode !== null || this.child.signalCode !== null);
  }

  /** Throws where it ended by itself, with the last lines of its log. */
  assertAlive(): void {
    if (this.endedByItself()) throw new Error(`${this.name} ended by itself (${this.howItEnded()}). ${this.lastLogLines()}`);
  }

  /** SIGKILL: nothing of it is put in order. */
  async kill(): Promise<void> {
    this.wanted = false;
    this.child?.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM, and SIGKILL where that was not enough. */
  async stop(): Promise<void> {
    this.wanted = false;
    this.child?.kill('SIGTERM');
    const late = new AbortController();
    const stopped = await Promise.race([this.exited.then(() => true), delay(STOPPED_WITHIN_MS, false, { signal: late.signal })]);
    late.abort();
    if (!stopped) await this.kill();
  }

  private spawn(): void {
    const log = openSync(this.options.logFile, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', LIFELINE, this.options.entry], {
      env: { ...inherited(), ...this.options.environment },
      stdio: ['ignore', log, log, 'pipe'],
    });
    closeSync(log);
    this.child = child;
    this.wanted = true;
    this.exited = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
  }

  private async isHealthy(): Promise<true | undefined> {
    this.assertAlive();
    try {
      const response = await fetch(this.options.healthUrl, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      return response.ok ? true : undefined;
    } catch {
      return undefined;
    }
  }

  private howItEnded(): string {
    return this.child?.signalCode ?? `exit code ${this.child?.exitCode ?? 'unknown'}`;
  }

  private lastLogLines(): string {
    const lines = readLog(this.options.logFile);
    if (lines.length === 0) return `Its log is empty: ${this.options.logFile}`;
    return [`The end of its log, ${this.options.logFile}:`, ...lines.slice(-SHOWN_LOG_LINES).map((line) => `  ${line}`)].join('\n');
  }
}

function readLog(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Ours, without what a service must only get from its own configuration. */
function inherited(): NodeJS.ProcessEnv {
  return { ...process.env, DATABASE_URL: undefined, NODE_OPTIONS: undefined };
}
