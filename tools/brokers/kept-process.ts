import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from '../services/eventually.js';
import type { Part } from './recipe.js';

const KEEPER = fileURLToPath(new URL('./keeper.mjs', import.meta.url));
/** RabbitMQ takes five seconds; on a machine with other work, five times that. */
const READY_WITHIN_MS = 90_000;
const LOOK_MS = 25;
const ANSWER_MS = 1_000;
const SHOWN_CHARACTERS = 2_000;

/** One process of a broker, which ends with this one, whatever ends it. */
export class KeptProcess {
  private printed = '';

  private constructor(
    private readonly keeper: ChildProcess,
    private readonly part: Part,
  ) {
    for (const stream of [keeper.stdout, keeper.stderr])
      stream?.on('data', (data: Buffer) => (this.printed = (this.printed + data.toString()).slice(-SHOWN_CHARACTERS)));
  }

  /** Returns when it answers. Throws, with the last of what it printed, where it ends or does not get there in time. */
  static async start(part: Part, signal?: AbortSignal): Promise<KeptProcess> {
    const keeper = spawn(process.execPath, [KEEPER, part.program, ...part.arguments], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...part.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C reaches the run that started it, which stops the broker last.
      detached: true,
    });
    const running = new KeptProcess(keeper, part);
    try {
      await eventually(() => running.answers(), {
        withinMs: READY_WITHIN_MS,
        everyMs: LOOK_MS,
        otherwise: () => 'it does not answer',
        signal,
      });
    } catch (cause) {
      await running.end();
      throw new Error(`${part.program} did not start: ${(cause as Error).message}. It printed: ${running.printed}`, { cause });
    }
    return running;
  }

  /** At once: a broker of tests and demos has nothing to put in order. */
  async end(): Promise<void> {
    if (this.hasEnded()) return;
    const exited = once(this.keeper, 'exit');
    this.keeper.stdin?.destroy();
    await exited;
  }

  private hasEnded(): boolean {
    return this.keeper.exitCode !== null || this.keeper.signalCode !== null;
  }

  private async answers(): Promise<true | undefined> {
    if (this.hasEnded()) throw new Error(`it ended with exit code ${this.keeper.exitCode}`);
    return (await greet(this.part)) ? true : undefined;
  }
}

function greet({ port, greeting }: Part): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: ANSWER_MS });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('connect', () => (greeting === undefined ? end(true) : socket.write(greeting.says)));
    socket.on('data', (data) => end(greeting?.answer.test(data.toString('latin1')) ?? true));
    socket
      .on('error', () => end(false))
      .on('close', () => end(false))
      .on('timeout', () => end(false));
  });
}
