import { parseArgs, type ParseArgsConfig } from 'node:util';
import { brokerFault, BROKERS, type BrokerName } from '../brokers.js';

/** The command was called wrongly, or lacks what it needs: the message says what, and the exit code is 2. */
export class UsageError extends Error {}

/** Reads the command line. Throws `UsageError`, with the usage, on an option that is unknown or lacks its value. */
export function readOptions<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
  usage: string,
): ReturnType<typeof parseArgs<{ readonly options: O }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [what] = (error as Error).message.split(/\. (?:To specify|Did you)/);
    throw new UsageError(`${what}\n\n${usage}`);
  }
}

/** The base that `--port-base` gives; undefined where it is left out. */
export function readPortBase(given: string | undefined, blockSize: number): number | undefined {
  if (given === undefined) return undefined;
  const base = Number(given);
  const highest = 65_536 - blockSize;
  if (Number.isInteger(base) && base >= 1_024 && base <= highest) return base;
  throw new UsageError(`--port-base must be a whole number from 1024 to ${highest}, not ${JSON.stringify(given)}.`);
}

const TRANSPORTS = ['tcp', ...BROKERS].join(', ');

/** The broker that `--transport` names; undefined for tcp, and where it is left out. Throws where this machine does not have it. */
export function readTransport(given: string | undefined): BrokerName | undefined {
  if (given === undefined || given === 'tcp') return undefined;
  const name = BROKERS.find((broker) => broker === given);
  if (name === undefined) throw new UsageError(`--transport must be one of ${TRANSPORTS}, not ${JSON.stringify(given)}.`);
  const fault = brokerFault(name);
  if (fault !== undefined) throw new UsageError(fault);
  return name;
}
