import { parseArgs } from 'node:util';

/**
 * The options of a command line, all of them texts.
 *
 * @param defaults undefined: it may be left out
 * @throws Error with the usage where help is asked for, or something is not known
 */
export function optionsOf<Name extends string>(
  usage: string,
  defaults: Readonly<Record<Name, string | undefined>>,
): Readonly<Partial<Record<Name, string>>> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { values, problem } = parsed({ ...options, help: { type: 'boolean' } });
  if (problem !== undefined || values['help'] === true) throw new Error(problem === undefined ? usage : `${problem}\n${usage}`);
  return { ...defaults, ...values };
}

function parsed(options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>): {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problem?: string;
} {
  try {
    return { values: parseArgs({ options }).values };
  } catch (error) {
    return { values: {}, problem: (error as Error).message };
  }
}

/** A number as a command line gives it. */
export function whole(name: string, value = ''): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} is ${value}; give a whole number from 1`);
  return Number(value);
}

/** Ends the process with its work; what is thrown is said in one line. */
export function runAsCommand(main: () => Promise<void>): void {
  main().then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
