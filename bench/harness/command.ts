import { parseArgs } from 'node:util';
import { UsageError, whole } from './options.js';

export interface Command<Name extends string> {
  /** Its options, all whole numbers, with what each of them is left out. */
  readonly defaults: Readonly<Record<Name, number>>;
  readonly usage: string;
  readonly run: (options: Readonly<Record<Name, number>>) => Promise<void>;
}

/** Runs a bench whose options are numbers; what is wrong with them is said in one line, before its usage. */
export async function runCommand<Name extends string>({ defaults, usage, run }: Command<Name>): Promise<void> {
  try {
    await run(numbersOf(process.argv.slice(2), defaults));
  } catch (error) {
    console.error(error instanceof UsageError ? `${error.message}\n${usage}`.trimStart() : error);
    process.exitCode = 1;
  }
}

/** @throws UsageError where an option makes no sense, or help is asked for */
function numbersOf<Name extends string>(args: readonly string[], defaults: Readonly<Record<Name, number>>): Record<Name, number> {
  const values = parse(args, Object.keys(defaults));
  if (values['help'] === true) throw new UsageError('');
  const given = Object.entries(values).map(([name, text]) => [name, whole(`--${name}`, String(text))]);
  return { ...defaults, ...Object.fromEntries(given) };
}

function parse(args: readonly string[], names: readonly string[]): Record<string, string | boolean | undefined> {
  const texts = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...args], options: { ...texts, help: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
