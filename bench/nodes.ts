import { cpus } from 'node:os';
import { type Command, runCommand } from './harness/command.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import { ProgramProcess } from './harness/program-process.js';
import type { Measured } from './harness/protocol.js';
import { ServerMeter } from './harness/server-meter.js';
import { spreadOf } from './report/spread.js';
import { markdown, numberText, cellText } from './report/tables.js';
import type { Postgres } from '../tools/postgres.js';

// Several nodes on one database: what they do together, what limits it on this machine, and what a larger database would do by what a saga costs.

const USAGE = `npm run bench:nodes -- [options]
  --nodes 3                measures one, two and so on up to so many
  --flight 128             sagas at once, on each node
  --sagas 10000            in each measurement, by all nodes together
  --reps 3                 repetitions
  --warm-up 3              seconds before each measurement
  --cores 16               of the database that is projected`;

const DEFAULTS = { nodes: 3, flight: 128, sagas: 10_000, reps: 3, 'warm-up': 3, cores: 16 };

type Options = Readonly<Record<keyof typeof DEFAULTS, number>>;

/** What one measurement found, of all nodes together. */
interface Together {
  readonly sagasPerSecond: number;
  readonly p50Ms: number;
  readonly programCpuMs: number;
  readonly serverCpuMs: number;
  /** Of the machine's cores, how much nodes and server used: 1 is all of it. */
  readonly busy: number;
  readonly commits: number;
  readonly walBytes: number;
}

interface Bench {
  readonly postgres: Postgres;
  readonly meter: ServerMeter;
  readonly options: Options;
}

const nodes: Command<keyof typeof DEFAULTS> = {
  usage: USAGE,
  defaults: DEFAULTS,
  async run(options) {
    await buildPrograms();
    await withServer(async (postgres) => {
      const meter = await ServerMeter.connect(postgres.url);
      try {
        const found = await measureAll({ postgres, meter, options });
        console.log(`\n${tableOf(found)}\n\n${projectionOf(found.at(-1) ?? [], options.cores)}`);
      } finally {
        await meter.close();
      }
    });
  },
};

/** The repetitions for one node, for two, and so on; they take turns. */
async function measureAll(bench: Bench): Promise<readonly (readonly Together[])[]> {
  const found = Array.from({ length: bench.options.nodes }, () => new Array<Together>());
  for (let repetition = 1; repetition <= bench.options.reps; repetition += 1)
    for (const [index, repetitions] of found.entries()) {
      const together = await measureOn(bench, index + 1, `nodes_${repetition}_${index + 1}`);
      repetitions.push(together);
      console.error(`${repetition}/${bench.options.reps} nodes: ${index + 1}  ${numberText(together.sagasPerSecond, 0)} sagas/s`);
    }
  return found;
}

async function measureOn(bench: Bench, count: number, database: string): Promise<Together> {
  const url = await bench.postgres.createDatabase(database);
  await bench.meter.checkpoint();
  const processes = Array.from({ length: count }, () => new ProgramProcess('ours'));
  try {
    // The first one makes the tables.
    for (const node of processes) await node.open(url);
    const together = await measure(bench, processes, database);
    for (const node of processes) await node.close();
    return together;
  } finally {
    for (const node of processes) node.kill();
    await bench.meter.drop(database);
  }
}

async function measure({ meter, options }: Bench, processes: readonly ProgramProcess[], database: string): Promise<Together> {
  const { flight } = options;
  const each = Math.ceil(options.sagas / processes.length);
  const load = { kind: 'happy', flight } as const;
  const warmedUp = await Promise.all(processes.map((node) => node.warmUp({ ...load, ms: options['warm-up'] * 1_000 })));
  const from = await meter.read(database, false);
  const seen = await Promise.all(processes.map((node) => node.measure({ ...load, sagas: each, profile: undefined })));
  const to = await meter.read(database, false);
  const sagas = each * processes.length;
  await requireCompleted(processes, sagas + sum(warmedUp));
  const serverCpuMs = (to.cpuMs ?? NaN) - (from.cpuMs ?? NaN);
  return {
    ...ofPrograms(seen, sagas, serverCpuMs),
    commits: (await meter.commits(from, to)) / sagas,
    walBytes: (await meter.walBytes(from, to)) / sagas,
  };
}

function ofPrograms(seen: readonly Measured[], sagas: number, serverCpuMs: number): Omit<Together, 'commits' | 'walBytes'> {
  const seconds = Math.max(...seen.map((each) => each.seconds));
  const programCpuMs = sum(seen.map(({ cpuSeconds }) => cpuSeconds)) * 1_000;
  return {
    sagasPerSecond: sagas / seconds,
    p50Ms: spreadOf(seen.map(({ p50Ms }) => p50Ms))?.median ?? NaN,
    programCpuMs: programCpuMs / sagas,
    serverCpuMs: serverCpuMs / sagas,
    busy: (programCpuMs + serverCpuMs) / (seconds * 1_000 * cpus().length),
  };
}

async function requireCompleted([first]: readonly ProgramProcess[], sagas: number): Promise<void> {
  const endings = await first?.endings();
  if (endings?.completed !== sagas || endings.compensated + endings.other > 0)
    throw new Error(`${sagas} sagas should have completed; the store says ${JSON.stringify(endings)}`);
}

const COLUMNS: readonly { readonly title: string; readonly figure: keyof Together; readonly digits: number }[] = [
  { title: 'sagas/s', figure: 'sagasPerSecond', digits: 0 },
  { title: 'p50 ms', figure: 'p50Ms', digits: 1 },
  { title: 'CPU ms', figure: 'programCpuMs', digits: 3 },
  { title: 'server CPU ms', figure: 'serverCpuMs', digits: 3 },
  { title: 'busy', figure: 'busy', digits: 2 },
  { title: 'commits', figure: 'commits', digits: 3 },
  { title: 'WAL bytes', figure: 'walBytes', digits: 0 },
];

function tableOf(found: readonly (readonly Together[])[]): string {
  const rows = found.map((repetitions, index) => [
    String(index + 1),
    ...COLUMNS.map(({ figure, digits }) => cellText(spreadOf(repetitions.map((each) => each[figure])), digits)),
  ]);
  return markdown([['nodes', ...COLUMNS.map(({ title }) => title)], ...rows]);
}

/** Computed, not measured: by what a saga costs with the most nodes, where the server's groups are the smallest. */
function projectionOf(repetitions: readonly Together[], cores: number): string {
  const median = (figure: keyof Together): number => spreadOf(repetitions.map((each) => each[figure]))?.median ?? NaN;
  const perSecond = (cores * 1_000) / median('serverCpuMs');
  const text = (value: number, digits = 0): string => numberText(value, digits);
  return [
    `Projection, not a measurement: a database of ${cores} cores, all of them busy with this and nothing else, and as many nodes as it can serve.`,
    `  ${text(median('serverCpuMs'), 3)} ms of the server's processors a saga: ${text(perSecond)} sagas/s;`,
    `  for that, nodes on ${text((perSecond * median('programCpuMs')) / 1_000)} cores, at ${text(median('programCpuMs'), 3)} ms a saga;`,
    `  and a disk that takes ${text((perSecond * median('walBytes')) / 2 ** 20)} MB of WAL and ${text(perSecond * median('commits'))} commits a second.`,
    'It leaves out what more cores share: locks, memory, the one log. Take it for an upper bound.',
  ].join('\n');
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

await runCommand(nodes);
