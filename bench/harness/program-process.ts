import { type ChildProcess, fork } from 'node:child_process';
import type { Answer, Endings, Measured, Request } from './protocol.js';
import { entryOf } from './build.js';

const CLOSE_MS = 20_000;

/** A program, in a process of its own. */
export class ProgramProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private output = '';

  constructor(private readonly name: string) {
    this.child = fork(entryOf(name), { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output = (this.output + text).slice(-4_000)));
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  async open(url: string): Promise<void> {
    await this.ask({ ask: 'open', url });
  }

  /** Gives how many sagas that were. */
  async warmUp(load: Omit<Request & { ask: 'warm-up' }, 'ask'>): Promise<number> {
    return (await this.ask({ ask: 'warm-up', ...load })) as number;
  }

  async measure(load: Omit<Request & { ask: 'measure' }, 'ask'>): Promise<Measured> {
    return (await this.ask({ ask: 'measure', ...load })) as Measured;
  }

  async endings(): Promise<Endings> {
    return (await this.ask({ ask: 'endings' })) as Endings;
  }

  /** Lets it end by itself; one that does not is killed. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.kill(), CLOSE_MS);
    await this.ask({ ask: 'close' });
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private async ask(request: Request): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.child.once('message', (message) => resolve(message as Answer));
      void this.ended.then(() => reject(new Error(`${this.name} ended while asked to ${request.ask}.\n${this.output}`)));
      this.child.send(request, (error) => error && reject(error));
    });
    if ('error' in answer) throw new Error(`${this.name}, asked to ${request.ask}: ${answer.error}\n${this.output}`);
    return answer.value;
  }
}
