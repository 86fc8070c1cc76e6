import { AskedProcess } from './asked-process.js';
import type { Endings, Measured, Request } from './protocol.js';

/** One of the programs that are compared, in a process of its own. */
export class ProgramProcess {
  private readonly process: AskedProcess<Request>;

  constructor(name: string) {
    this.process = new AskedProcess(name);
  }

  async open(url: string): Promise<void> {
    await this.process.ask({ ask: 'open', url });
  }

  /** Gives how many sagas that were. */
  async warmUp(load: Omit<Request & { ask: 'warm-up' }, 'ask'>): Promise<number> {
    return (await this.process.ask({ ask: 'warm-up', ...load })) as number;
  }

  async measure(load: Omit<Request & { ask: 'measure' }, 'ask'>): Promise<Measured> {
    return (await this.process.ask({ ask: 'measure', ...load })) as Measured;
  }

  async endings(): Promise<Endings> {
    return (await this.process.ask({ ask: 'endings' })) as Endings;
  }

  close(): Promise<void> {
    return this.process.close({ ask: 'close' });
  }

  kill(): void {
    this.process.kill();
  }
}
