import { type Command, runCommand } from './harness/command.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import { type Amounts, fillTables } from './flat/fill.js';
import { burst, passQuietTimes, stopAutovacuum } from './flat/growing.js';
import { measure, ratioOf } from './flat/measure.js';
import { idleMemory, memoryAroundWaiting, withClient, withNode } from './flat/memory.js';
import { OPERATIONS, type Operation } from './flat/operations.js';
import { type Access, type Plan, plansOf } from './flat/plans.js';
import { empty as makeEmpty, type Place, type Side, withSide } from './flat/side.js';
import { recordStatements, type Statement } from './flat/statements.js';
import { spreadOf } from './report/spread.js';
import { markdown, numberText, cellText } from './report/tables.js';
import type { Postgres } from '../tools/postgres.js';

// Whether what a node does costs the same when the tables are full.

const USAGE = `npm run bench:flat -- [options]
  --ended 1000000          sagas that have ended, in the full tables
  --waiting 100000         sagas that wait
  --mail 100000            messages that nobody has taken
  --reps 5                 repetitions`;

const DEFAULTS = { ended: 1_000_000, waiting: 100_000, mail: 100_000, reps: 5 };

const MOST_TIMES_EMPTY = 1.5;
const MOST_MORE_MB = 50;

/** What goes through prepared statements, many at a time. */
const PREPARED = OPERATIONS.filter(({ name }) => ['start of 100', 'checkpoint of 100', 'last checkpoint of 100'].includes(name));

const GROWN = 20_000;

const flat: Command<keyof typeof DEFAULTS> = {
  usage: USAGE,
  defaults: DEFAULTS,
  async run(options) {
    await buildPrograms();
    await withServer(async (postgres) => {
      const places = { full: await filled(postgres, options), empty: await postgres.createDatabase('flat_empty') };
      await printHugePages(postgres.url);
      const isFlat = [
        await printTimes(places, options.reps),
        await printPlanned(places, options.reps),
        await printGrowing(await postgres.createDatabase('flat_growing'), options.reps),
        await printPlans(places),
        await printMemory(postgres, places.full, options.waiting),
      ].every(Boolean);
      if (!isFlat) process.exitCode = 1;
    });
  },
};

interface Places {
  readonly full: string;
  readonly empty: string;
}

async function filled(postgres: Postgres, amounts: Amounts): Promise<string> {
  const url = await postgres.createDatabase('flat_full');
  console.error(`Filling the tables: ${numberText(amounts.ended, 0)} ended, ${numberText(amounts.waiting, 0)} waiting …`);
  await withNode(url, async (node) => withClient(url, async (client) => fillTables(client, node, amounts)));
  return url;
}

/** Where a page fault is dear, what a session does to a page that is new to it is mostly the fault. Known since PostgreSQL 17. */
async function printHugePages(url: string): Promise<void> {
  const [status] = await withClient(url, async (client) => {
    const { rows } = await client.query<{ status: string | null }>(`select current_setting('huge_pages_status', true) as status`);
    return rows;
  });
  console.log(`\nHuge pages: ${status?.status ?? 'unknown'}`);
}

/** Whether all that is hot is flat. */
async function printTimes({ full, empty }: Places, repetitions: number): Promise<boolean> {
  const timed = await withSide({ name: 'empty', url: empty }, async (emptySide) =>
    withSide({ name: 'full', url: full }, async (fullSide) =>
      measure(OPERATIONS, [emptySide, fullSide], {
        repetitions,
        ready: async (side) => (side === emptySide ? makeEmpty(side) : undefined),
      }),
    ),
  );
  const rows = timed.map((each) => {
    const [ratio, emptyMs, fullMs] = [
      ratioOf(each, 'full', 'empty'),
      ...['empty', 'full'].map((side) => spreadOf(each.medians[side] ?? [])),
    ];
    const limit = each.operation.isHot ? `≤ ${MOST_TIMES_EMPTY}` : '';
    const reached = !each.operation.isHot || (ratio?.median ?? Infinity) <= MOST_TIMES_EMPTY;
    return {
      reached,
      cells: [each.operation.name, ...[emptyMs, fullMs, ratio].map((spread) => cellText(spread, 2)), limit, reachedText(limit, reached)],
    };
  });
  console.log(`\n${markdown([['', 'empty, ms', 'full, ms', 'full / empty', 'goal', 'reached'], ...rows.map(({ cells }) => cells)])}`);
  return rows.every(({ reached }) => reached);
}

/** How long the prepared statements take by the plan that the server chooses, and by each that it may choose. */
async function printPlanned({ full }: Places, repetitions: number): Promise<boolean> {
  const [auto, generic, custom] = ['auto', 'force_generic_plan', 'force_custom_plan'].map((mode) => ({
    name: mode,
    url: full,
    settings: `-c plan_cache_mode=${mode}`,
  })) as [Place, Place, Place];
  const timed = await withSide(auto, async (first) =>
    withSide(generic, async (second) =>
      withSide(custom, async (third) => measure(PREPARED, [first, second, third], { repetitions, ready: async () => undefined })),
    ),
  );
  const rows = timed.map(({ operation, medians }) => [
    operation.name,
    ...[auto, generic, custom].map(({ name }) => cellText(spreadOf(medians[name] ?? []), 2)),
  ]);
  console.log(`\n${markdown([['on full tables, ms', 'as chosen', 'generic plan', 'custom plan'], ...rows])}`);
  return true;
}

/** Whether a plan that was made for empty tables outlives them: until they are analyzed, they grow here as they would in the first minutes. */
async function printGrowing(url: string, repetitions: number): Promise<boolean> {
  const rows = await withSide({ name: 'growing', url }, async (side) => {
    await stopAutovacuum(side);
    await passQuietTimes(side);
    const small = await measure(PREPARED, [side], { repetitions, ready: async () => undefined });
    await burst(side, GROWN);
    const large = await measure(PREPARED, [side], { repetitions, ready: async () => undefined });
    return small.map(({ operation, medians }, index) => {
      const [smallMs, largeMs] = [spreadOf(medians['growing'] ?? []), spreadOf(large[index]?.medians['growing'] ?? [])];
      const ratio = (largeMs?.median ?? NaN) / (smallMs?.median ?? NaN);
      const reached = ratio <= MOST_TIMES_EMPTY;
      const cells = [
        operation.name,
        cellText(smallMs, 2),
        cellText(largeMs, 2),
        numberText(ratio, 2),
        `≤ ${MOST_TIMES_EMPTY}`,
        reached ? 'yes' : 'NO',
      ];
      return { reached, cells };
    });
  });
  const head = ['tables that nobody analyzes, ms', 'new', `${numberText(GROWN, 0)} sagas later`, 'ratio', 'goal', 'reached'];
  console.log(`\n${markdown([head, ...rows.map(({ cells }) => cells)])}`);
  return rows.every(({ reached }) => reached);
}

/** Whether no statement reads a whole table or index, full as they are; a prepared one by none of the plans that it may get. */
async function printPlans({ full }: Places): Promise<boolean> {
  const found = await withSide({ name: 'full', url: full }, async (side) => {
    const plans = new Array<{ readonly operation: Operation; readonly plan: Plan }>();
    for (const operation of OPERATIONS) {
      const ofOperation = await plansOf(side.dataSource, await statementsOf(operation, side));
      plans.push(...ofOperation.map((plan) => ({ operation, plan })));
    }
    return plans;
  });
  const rows = found
    .filter(({ plan }) => plan.accesses.length > 0)
    .map(({ operation, plan: { kind, accesses } }) => [operation.name, kind, accesses.map(accessText).join(', ')]);
  console.log(`\n${markdown([['', 'plan', 'reads by'], ...rows])}`);
  const whole = found.flatMap(({ operation, plan }) =>
    unasked(operation, plan).map((access) => `${operation.name}, ${plan.kind} plan: ${access.by}`),
  );
  for (const each of whole) console.error(`READ FROM ONE END TO THE OTHER by ${each}`);
  return whole.length === 0;
}

/** What is read whole, and is not known to be. */
const unasked = ({ readsWhole = [] }: Operation, { accesses }: Plan): readonly Access[] =>
  accesses.filter(({ by, isWhole }) => isWhole && !readsWhole.includes(by));

async function statementsOf(operation: Operation, side: Side): Promise<readonly Statement[]> {
  const work = await operation.prepare(side);
  return recordStatements(side.dataSource, work);
}

/** Whether sagas that wait cost a node no memory. */
async function printMemory(postgres: Postgres, full: string, waiting: number): Promise<boolean> {
  const idle = await idleMemory(await postgres.createDatabase('memory_empty'));
  const idleFull = await idleMemory(full);
  const [before, after] = await memoryAroundWaiting(await postgres.createDatabase('memory_waiting'), waiting);
  const pairs = [
    { what: 'idle: empty tables, full ones', from: idle, to: idleFull },
    { what: `before and after it began ${numberText(waiting, 0)} that wait`, from: before, to: after },
  ];
  const rows = pairs.map(({ what, from, to }) => {
    const more = to.rssMb - from.rssMb;
    const cells = [from.rssMb, to.rssMb, more].map((mb) => numberText(mb, 0));
    const reached = more <= MOST_MORE_MB;
    return {
      reached,
      cells: [what, ...cells, `${numberText(from.heapMb, 1)}, ${numberText(to.heapMb, 1)}`, `≤ ${MOST_MORE_MB}`, reached ? 'yes' : 'NO'],
    };
  });
  console.log(
    `\n${markdown([['a node', 'RSS, MB', 'then', 'more', 'heap in use, MB', 'goal', 'reached'], ...rows.map(({ cells }) => cells)])}`,
  );
  return rows.every(({ reached }) => reached);
}

const accessText = ({ by, isWhole }: Access): string => (isWhole ? `ALL OF ${by}` : by);

const reachedText = (limit: string, reached: boolean): string => (limit === '' ? '' : reached ? 'yes' : 'NO');

await runCommand(flat);
