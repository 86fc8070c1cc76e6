import type { Entry } from '../../libs/saga/src/planning/journal.js';
import type { SagaStatus } from '../../libs/saga/src/planning/saga-status.js';
import { transcriptOf } from '../../libs/saga/src/planning/transcript.fixture.js';
import { readEntries } from '../../libs/saga/src/store/postgres/stored-rows.js';
import type { Plan } from '../processes/node/settings.js';
import type { Stage } from '../processes/stage.js';

export type WrittenEntry = Entry & {
  /** null: it came from outside. */
  readonly epoch: number | null;
};

/** An effect that is there. */
export interface EffectSeen {
  readonly key: string;
  readonly attempt: number;
  readonly node: string;
}

/** All that is left of one saga. */
export interface Evidence {
  readonly row: { readonly id: string; readonly name: string; readonly key: string; readonly status: SagaStatus; readonly epoch: number };
  readonly plan: Plan;
  readonly journal: readonly WrittenEntry[];
  /** In order. */
  readonly effects: readonly EffectSeen[];
}

const EVIDENCE = `
  select id, name, key, status, epoch, input as plan, coalesce(effects, '[]') as effects, coalesce(journal, '[]') as journal
  from saga.saga_instance
  left join (
    select saga_id as id, json_agg(json_build_array(sequence, epoch, round(extract(epoch from at) * 1000), entries) order by sequence) as journal
    from saga.saga_journal group by saga_id) as written using (id)
  left join (
    select saga_id as id, json_agg(json_build_object('key', key, 'attempt', attempt, 'node', node) order by position) as effects
    from occurrence group by saga_id) as seen using (id)`;

type Found = Pick<Evidence, 'plan' | 'effects'> &
  Evidence['row'] & {
    readonly journal: readonly (readonly [sequence: number, epoch: number | null, at: number, entries: unknown])[];
  };

export async function gatherEvidence(stage: Stage): Promise<readonly Evidence[]> {
  const found = await stage.query<Found>(EVIDENCE);
  return found.map(({ plan, journal, effects, ...row }) => ({
    row,
    plan,
    journal: journal.flatMap(([sequence, epoch, at, entries]) => readEntries(sequence, at, entries).map((entry) => ({ ...entry, epoch }))),
    effects,
  }));
}

/** For whoever has to find out what went wrong. */
export function accountOf({ row, plan, journal, effects }: Evidence): string {
  const begins = journal[0]?.at ?? 0;
  const entries = journal.map((entry) => {
    const { sequence, epoch, at } = entry;
    return `  ${sequence} (epoch ${epoch ?? 'from outside'}, ${at - begins} ms) ${transcriptOf([entry], at)}`;
  });
  const done = effects.map(({ key, attempt, node }) => `  ${key.slice(row.id.length + 1)}#${attempt} by ${node}`);
  return [`its plan: ${JSON.stringify(plan)}`, 'its journal:', ...entries, 'its effects, in order:', ...done].join('\n');
}
