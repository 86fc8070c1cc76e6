import { parseArgs } from 'node:util';
import type { Kind } from '../workload/order.js';
import { type ProgramName, PROGRAMS } from './plan.js';

export interface Options {
  readonly programs: readonly ProgramName[];
  readonly kinds: readonly Kind[];
  readonly flights: readonly number[];
  /** Of each measurement; undefined: as many as the load asks for. */
  readonly sagas: number | undefined;
  readonly repetitions: number;
  readonly warmUpMs: number;
  /** Writes a CPU profile of each measurement of ours. */
  readonly profile: boolean;
  /** Counts transactions that only read, too. */
  readonly transactions: boolean;
}

export const USAGE = `npm run bench -- [options]
  --only ours,grouped      of: ${PROGRAMS.join(', ')} (default: all)
  --kind happy             happy, compensate (default: both)
  --flight 1,128           sagas at once (default: 1,16,128,1000)
  --sagas 5000             in each measurement (default: by the load)
  --reps 3                 repetitions (default: 3)
  --warm-up 3              seconds before each measurement (default: 3)
  --profile                CPU profile of ours, measured part only, into bench/results
  --transactions           counts transactions that only read, too: 21 s more for each measurement`;

const KINDS: readonly Kind[] = ['happy', 'compensate'];

/** @throws UsageError where an option makes no sense, or help is asked for */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  if (values.help) throw new UsageError('');
  return {
    programs: several('--only', values.only, PROGRAMS),
    kinds: several('--kind', values.kind, KINDS),
    flights: values.flight.split(',').map((text) => whole('--flight', text)),
    sagas: values.sagas === undefined ? undefined : whole('--sagas', values.sagas),
    repetitions: whole('--reps', values.reps),
    warmUpMs: whole('--warm-up', values['warm-up']) * 1_000,
    profile: values.profile,
    transactions: values.transactions,
  };
}

export class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        kind: { type: 'string' },
        flight: { type: 'string', default: '1,16,128,1000' },
        sagas: { type: 'string' },
        reps: { type: 'string', default: '3' },
        'warm-up': { type: 'string', default: '3' },
        profile: { type: 'boolean', default: false },
        transactions: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function several<T extends string>(option: string, text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  const asked = text.split(',');
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new UsageError(`${option} ${unknown}: there are ${known.join(', ')}`);
  return known.filter((name) => asked.includes(name));
}

/** @throws UsageError where it is none, from 1 */
export function whole(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${option} ${text}: give a whole number from 1`);
  return Number(text);
}
