import { type ChildProcess, fork } from 'node:child_process';
import { entryOf } from './build.js';
import type { Answer } from './protocol.js';

const CLOSE_MS = 20_000;

/** A program in a process of its own, which answers what it is asked, one question at a time. */
export class AskedProcess<Request extends { readonly ask: string }> {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private output = '';

  constructor(private readonly name: string) {
    this.child = fork(entryOf(name), { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-4_000)));
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  /** @throws Error with what the program wrote, where it fails or has ended */
  async ask(request: Request): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.child.once('message', (message) => resolve(message as Answer));
      void this.ended.then(() => reject(new Error(`${this.name} ended while asked to ${request.ask}.\n${this.output}`)));
      this.child.send(request, (error) => error && reject(error));
    });
    if ('error' in answer) throw new Error(`${this.name}, asked to ${request.ask}: ${answer.error}\n${this.output}`);
    return answer.value;
  }

  /** Asks it to close, and waits until it has ended; one that does not is killed. */
  async close(request: Request): Promise<void> {
    const late = setTimeout(() => this.kill(), CLOSE_MS);
    await this.ask(request);
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
