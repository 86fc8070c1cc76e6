import { Closing, Interrupted } from './closing.js';
import { UsageError } from './options.js';

const ORPHANED_LOOK_MS = 250;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface RunToolOptions {
  /** The command runs until it is told to stop, so that a signal is its good end: exit code 0. */
  readonly endsBySignal?: boolean;
}

/**
 * Runs a command to its exit code, and ends this process with it. Whatever ends it (its end, an error, Ctrl-C, SIGTERM, a closed
 * terminal or pipe, the end of the npm that runs it), everything that `closing` holds is closed before. A second signal waits for nothing: the services end with
 * this process by their lifeline, and PostgreSQL is told to stop.
 */
export async function runTool(main: (closing: Closing) => Promise<number>, options: RunToolOptions = {}): Promise<never> {
  const closing = new Closing((line) => console.error(line));
  const ended = [finish(main, closing), untilSignal(closing, options.endsBySignal ?? false), untilBroken(closing), untilOrphaned(closing)];
  return process.exit(await Promise.race(ended));
}

/** The end of the command itself; never, where something else ended it. */
async function finish(main: (closing: Closing) => Promise<number>, closing: Closing): Promise<number> {
  const code = await main(closing).catch((error: unknown) => {
    if (closing.signal.aborted) return new Promise<never>(() => {});
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  });
  await closing.close(new Error('The run is over.'));
  return code;
}

async function untilSignal(closing: Closing, isGoodEnd: boolean): Promise<number> {
  const signal = await new Promise<keyof typeof SIGNALS>((resolve) => {
    let signals = 0;
    for (const [name, number] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][])
      process.on(name, () => {
        signals += 1;
        if (signals > 1) process.exit(128 + number);
        resolve(name);
      });
  });
  console.error(`\n${signal}: stopping everything.`);
  await closing.close(new Interrupted(signal));
  return isGoodEnd ? 0 : 128 + SIGNALS[signal];
}

async function untilBroken(closing: Closing): Promise<number> {
  const error = await new Promise<Error>((resolve) => {
    process.stdout.on('error', resolve); // nobody reads on: npm run demo | head
    process.on('uncaughtException', (uncaught) => {
      console.error(uncaught);
      resolve(uncaught);
    });
  });
  await closing.close(error);
  return 1;
}

/** A signal to npm ends npm and its shell, and never reaches us. */
async function untilOrphaned(closing: Closing): Promise<number> {
  const parent = process.ppid;
  await new Promise<void>((resolve) => {
    if (!process.env['npm_lifecycle_event']) return; // whoever starts us by hand may go
    setInterval(() => process.ppid !== parent && resolve(), ORPHANED_LOOK_MS).unref();
  });
  await closing.close(new Error('npm, which ran this, has ended.'));
  return 128 + SIGNALS.SIGTERM;
}
