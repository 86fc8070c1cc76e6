import { setTimeout as pause } from 'node:timers/promises';

import type { NodeProcess } from '../processes/node-process.js';
import { Crew } from '../support/crew.js';
import { eventually } from '../support/eventually.js';
import type { Plan } from '../processes/node/settings.js';
import type { Stage } from '../processes/stage.js';
import { accountOf, type Evidence, gatherEvidence } from './evidence.js';
import { faultsOf } from './laws.js';
import { plansOf, type Strike, strikesOf } from './plans.js';

type NodeCrew = Crew<NodeProcess>;

export interface ChaosOptions {
  readonly sagas: number;
  /** So long sagas are started, and strikes fall. */
  readonly seconds: number;
  readonly seed: number;
  /** How the database is struck. Default: all connections of the nodes are cut. */
  readonly strikeDatabase?: () => Promise<void>;
}

export interface ChaosReport {
  readonly sagas: readonly Evidence[];
  /** One line a strike. */
  readonly strikes: readonly string[];
  readonly tookMs: number;
}

const NODES = 3;
const LEASE_MS = 1_000;
/** Longer than any freeze: a compensation waits for it after a take-over, so that what a frozen attempt still does comes before. [R22] */
const STEP_TIMEOUT_MS = 4_000;
/** So many sagas one crash hits. What it hits twice runs alone on its node, step by step: of a thousand that takes minutes. [R21] */
const CONCURRENCY = 50;
const BEAT_MS = 1_000;
/** How long the sagas have to end, once nothing strikes any more: many have only begun by then. */
const PATIENCE_MS = 60_000;
const PATIENCE_PER_SAGA_MS = 50;
const BROKEN_TOLD = 3;

/**
 * Sagas on three nodes, and each second a strike: a node is killed, or frozen past its lease, or the database breaks.
 *
 * @throws Error with the seed, the strikes and the first broken sagas, where one did not end as it should
 */
export async function chaos(stage: Stage, options: ChaosOptions): Promise<ChaosReport> {
  const crew = crewOn(stage);
  const strikes: string[] = [];
  let began = 0;
  const live = async (): Promise<void> => {
    await crew.isAwake(NODES);
    began = performance.now();
    await Promise.all([startAll(crew, options), strikeEachSecond(stage, crew, options, strikes)]);
    await untilAllAreAtRest(stage, options.sagas);
    await crew.leave();
  };
  await Promise.race([live(), crew.isKept]);
  const tookMs = performance.now() - began;
  const sagas = await gatherEvidence(stage);
  complain(sagas, strikes, options);
  return { sagas, strikes, tookMs };
}

function crewOn(stage: Stage): NodeCrew {
  return new Crew({
    size: NODES,
    isClosed: () => stage.isClosed,
    boot: async (name) =>
      stage.boot(`node ${name}`, {
        stepTimeout: STEP_TIMEOUT_MS,
        // What strikes is no fault of the step that it strikes.
        crashLimit: 1_000,
        worker: { lease: LEASE_MS, concurrency: CONCURRENCY },
      }),
  });
}

async function startAll(crew: NodeCrew, { seed, sagas, seconds }: ChaosOptions): Promise<void> {
  const start = async (plan: Plan, index: number): Promise<void> => {
    await pause((index * seconds * BEAT_MS) / sagas);
    // Once, by its key. [R6]
    await crew.ask(index, async (node) => node.start({ saga: 'cruise', plan, key: `cruise ${index + 1}` }));
  };
  await Promise.all(plansOf(seed, sagas).map(start));
}

async function strikeEachSecond(stage: Stage, crew: NodeCrew, options: ChaosOptions, told: string[]): Promise<void> {
  for (const [index, strike] of strikesOf(options.seed, options.seconds).entries()) {
    await pause(BEAT_MS);
    told.push(`second ${index + 1}: ${await fall(stage, crew, options, strike)}`);
  }
}

async function fall(stage: Stage, crew: NodeCrew, options: ChaosOptions, { what, pick, leases }: Strike): Promise<string> {
  if (what === 'database') {
    await (options.strikeDatabase ?? (async () => stage.cutConnections()))();
    return 'the database is struck';
  }
  await crew.isAwake(1);
  const nodes = crew.awake();
  const node = nodes[pick % nodes.length]!;
  if (what === 'kill') node.signal('SIGKILL');
  else crew.freeze(node, leases * LEASE_MS);
  return `${node.name} is ${what === 'kill' ? 'killed' : `frozen for ${leases} leases`}`;
}

/** Stuck sagas are at rest, too. What is not when the patience ends, the laws name. */
async function untilAllAreAtRest(stage: Stage, sagas: number): Promise<void> {
  const open = async (): Promise<number> =>
    (await stage.query("select from saga.saga_instance where status in ('pending', 'running', 'compensating')")).length;
  await eventually(open, (count) => count === 0, PATIENCE_MS + sagas * PATIENCE_PER_SAGA_MS).catch(() => undefined);
}

function complain(all: readonly Evidence[], strikes: readonly string[], { sagas, seconds, seed }: ChaosOptions): void {
  const broken = all.map((saga) => ({ saga, faults: faultsOf(saga) })).filter(({ faults }) => faults.length > 0);
  if (broken.length === 0 && all.length === sagas) return;
  const told = broken
    .slice(0, BROKEN_TOLD)
    .map(({ saga, faults }) => [`--- ${saga.row.key}, ${saga.row.id}`, ...faults, accountOf(saga)].join('\n'));
  throw new Error(
    [
      `${broken.length} sagas are broken; ${all.length} of ${sagas} are there.`,
      `Again with npm run chaos -- --sagas ${sagas} --seconds ${seconds} --seed ${seed}`,
      ...strikes,
      ...told,
    ].join('\n'),
  );
}
