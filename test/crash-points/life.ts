/** Where a node dies: right before or right after one of its writes, counted from 1. */
export interface CrashPoint {
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** What a dead node does with whatever it was about to do. */
class Death extends Error {
  constructor() {
    super('the node is dead');
  }
}

const nothing = async (): Promise<unknown> => undefined;

/** The life of a node: it counts its writes, and ends at one of them. From then on nothing that the node asks for is answered. */
export class Life {
  /** What was written, in order. */
  readonly writes: string[] = [];
  private over = false;
  private spared = false;
  /** Begun, and not done. */
  private lastWrite: () => Promise<unknown> = nothing;
  private readonly dying = deferred<'died'>();
  private readonly burial = deferred<never>();

  /** @param crashPoint left out: it lives as long as it is needed */
  constructor(private readonly crashPoint?: CrashPoint) {
    this.burial.promise.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Resolves when it is over. */
  get died(): Promise<'died'> {
    return this.dying.promise;
  }

  /** What it was sending when it died right before a write reaches the store after all, once. */
  async sendLastWrite(): Promise<void> {
    const write = this.lastWrite;
    this.lastWrite = nothing;
    if (this.crashPoint?.moment === 'before') await write();
  }

  /** Does something that is no write of its own. */
  async live<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.over) return this.burial.promise;
    try {
      const result = await work();
      return this.over ? await this.burial.promise : result;
    } catch (error) {
      if (this.over) return this.burial.promise;
      throw error;
    }
  }

  async write<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.live(async () => {
      this.lastWrite = work;
      const write = this.begin(what);
      const result = await work().finally(() => this.forget(work));
      this.end(write);
      return result;
    });
  }

  /** Right before a write. @returns its number */
  begin(what: string): number {
    if (this.over) throw new Death();
    const write = this.writes.push(what);
    if (this.isAt({ write, moment: 'before' })) this.die();
    return write;
  }

  /** Right after it. */
  end(write: number): void {
    if (this.isAt({ write, moment: 'after' })) this.die();
  }

  /** Whether it lives; if so, it does not die any more. */
  outlives(): boolean {
    this.spared = true;
    return !this.over;
  }

  /** It dies here and now, of what a step does. */
  async kill(): Promise<never> {
    this.over = true;
    this.dying.resolve('died');
    return this.burial.promise;
  }

  /** What still waits for an answer is told, so that nothing of the node stays behind in the test's process. */
  bury(): void {
    this.over = true;
    this.burial.reject(new Death());
  }

  /** Another one may be on its way by now. */
  private forget(write: () => Promise<unknown>): void {
    if (this.lastWrite === write) this.lastWrite = nothing;
  }

  private isAt({ write, moment }: CrashPoint): boolean {
    return !this.spared && this.crashPoint?.write === write && this.crashPoint.moment === moment;
  }

  private die(): never {
    this.over = true;
    this.dying.resolve('died');
    throw new Death();
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
