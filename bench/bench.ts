import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type as system } from 'node:os';
import { join } from 'node:path';
import { withServer } from './harness/bench-server.js';
import { BENCH, buildPrograms } from './harness/build.js';
import { type Options, readOptions, USAGE, UsageError } from './harness/options.js';
import { type Cell, planOf } from './harness/plan.js';
import { type Bench, type Figures, runCell } from './harness/run-cell.js';
import { ServerMeter } from './harness/server-meter.js';
import { goalsOf } from './report/goals.js';
import { hottest } from './report/hottest.js';
import type { Report, Result } from './report/results.js';
import { numberText, tablesOf } from './report/tables.js';

const RESULTS = join(BENCH, 'results');
async function main(options: Options): Promise<void> {
  await buildPrograms();
  await mkdir(RESULTS, { recursive: true });
  await withServer(async (postgres) => {
    const meter = await ServerMeter.connect(postgres.url);
    try {
      const results = await runAll({ postgres, meter, ...options }, options);
      await write({ at: new Date().toISOString(), machine: machine(await meter.version()), results });
    } finally {
      await meter.close();
    }
  });
}

async function runAll(bench: Bench, options: Options): Promise<readonly Result[]> {
  const loads = planOf(options).map(({ turns, cells }) => ({
    turns,
    results: cells.map((cell) => ({ ...cell, repetitions: new Array<Figures>() })),
  }));
  for (let repetition = 1; repetition <= options.repetitions; repetition += 1)
    for (const { turns, results } of loads)
      for (let turn = 0; turn < turns; turn += 1)
        for (const result of results) {
          const profile =
            options.profile && result.program === 'ours' ? join(RESULTS, `${result.kind}-${result.flight}.cpuprofile`) : undefined;
          const figures = await runCell(bench, result, `bench_${(databases += 1)}`, profile);
          result.repetitions.push(figures);
          console.error(progress(result, figures, `${repetition}/${options.repetitions}`));
          if (profile !== undefined) console.error(await hottest(profile));
        }
  return loads.flatMap(({ results }) => results);
}

let databases = 0;

function progress({ program, kind, flight }: Cell, figures: Figures, repetition: string): string {
  const { sagasPerSecond, p50Ms, commits, walBytes } = figures;
  const what = `${repetition} ${kind.padEnd(10)} ${String(flight).padStart(4)} in flight  ${program.padEnd(13)}`;
  const speed = `${numberText(sagasPerSecond, 0).padStart(6)} sagas/s  p50 ${numberText(p50Ms, 2).padStart(6)} ms`;
  return `${what} ${speed}  ${numberText(commits, 2)} commits  ${numberText(walBytes, 0)} WAL bytes`;
}

async function write(report: Report): Promise<void> {
  const { cpu, cores, memoryGb, system: name, node, postgres } = report.machine;
  const machineText = `${cores} × ${cpu}, ${memoryGb} GB, ${name}; Node ${node}, PostgreSQL ${postgres}`;
  const text = [machineText, tablesOf(report.results), goalsOf(report.results)].filter((part) => part !== '').join('\n\n');
  const file = join(RESULTS, report.at.replaceAll(':', '-').replace(/\..*$/, ''));
  await writeFile(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(`${file}.md`, `${text}\n`);
  console.log(`\n${text}\n\nWritten to ${file}.json and .md`);
}

const machine = (postgres: string): Report['machine'] => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${system()} ${release()}`,
  node: process.versions.node,
  postgres,
});

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}`.trimStart() : error);
  process.exitCode = 1;
}
