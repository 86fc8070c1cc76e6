import { AskedProcess } from './harness/asked-process.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import { type Command, runCommand } from './harness/command.js';
import { type Deed, DEEDS, type OrchestratorRequest, type ParticipantRequest, type Remote } from './harness/remote-protocol.js';
import { spreadOf } from './report/spread.js';
import { cellText, markdown } from './report/tables.js';

// What a remote step costs beside a bare request of Nest that writes the same row in a transaction.

const USAGE = `npm run bench:remote -- [options]
  --flight 128             at once, besides one at a time
  --count 3000             sagas, and requests, in each measurement
  --reps 3                 repetitions`;

const DEFAULTS = { flight: 128, count: 3_000, reps: 3 };

type Options = Readonly<Record<keyof typeof DEFAULTS, number>>;

/** Of one load, repetition by repetition, in milliseconds. */
interface Cost {
  readonly request: number;
  /** A step more: of a saga of four, without what the saga of one costs. */
  readonly step: number;
}

/** Steps that four have more than one. */
const MORE = 3;

const remote: Command<keyof typeof DEFAULTS> = {
  usage: USAGE,
  defaults: DEFAULTS,
  async run(options) {
    await buildPrograms();
    await withServer(async (postgres) => {
      const [participant, orchestrator] = [
        new AskedProcess<ParticipantRequest>('remote-participant'),
        new AskedProcess<OrchestratorRequest>('remote-orchestrator'),
      ];
      try {
        const port = (await participant.ask({ ask: 'open', url: await postgres.createDatabase('stock') })) as number;
        await orchestrator.ask({ ask: 'open', url: await postgres.createDatabase('orders'), port });
        console.log(tableOf(await measureAll(orchestrator, options)));
        await orchestrator.close({ ask: 'close' });
        await participant.close({ ask: 'close' });
      } finally {
        orchestrator.kill();
        participant.kill();
      }
    });
  },
};

/** The loads and deeds take turns, so that what slows the machine slows all. The first turn warms up, and is not counted. */
async function measureAll(
  orchestrator: AskedProcess<OrchestratorRequest>,
  { flight, count, reps }: Options,
): Promise<ReadonlyMap<number, readonly Cost[]>> {
  const found = new Map([1, flight].map((load) => [load, new Array<Cost>()]));
  for (let repetition = 0; repetition <= reps; repetition += 1)
    for (const [load, costs] of found) {
      const cost = await measure(orchestrator, load, load === 1 ? Math.ceil(count / 4) : count);
      if (repetition > 0) costs.push(cost);
    }
  return found;
}

async function measure(orchestrator: AskedProcess<OrchestratorRequest>, flight: number, count: number): Promise<Cost> {
  const took = new Map<Deed, number>();
  for (const deed of DEEDS) {
    const { perSecond, p50Ms } = (await orchestrator.ask({ ask: 'run', deed, flight, count })) as Remote;
    // One at a time it is the latency that counts, many at once what gets done.
    took.set(deed, flight === 1 ? p50Ms : 1_000 / perSecond);
  }
  const [request = 0, one = 0, four = 0] = DEEDS.map((deed) => took.get(deed));
  return { request, step: (four - one) / MORE };
}

function tableOf(found: ReadonlyMap<number, readonly Cost[]>): string {
  const rows = [...found].map(([flight, costs]) => [
    String(flight),
    text(costs.map(({ request }) => request)),
    text(costs.map(({ step }) => step)),
    text(costs.map(({ request, step }) => step / request)),
  ]);
  return markdown([['at once', 'bare request, ms', 'remote step, ms', 'times as much'], ...rows]);
}

const text = (values: readonly number[]): string => cellText(spreadOf(values), 2);

await runCommand(remote);
