import type { ChaosReport } from './chaos.js';

/** The figures of a run in which nothing broke. */
export function figuresOf({ sagas, strikes, tookMs }: ChaosReport): string {
  const entries = sagas.flatMap(({ journal }) => journal);
  const attempts = entries.filter(({ kind }) => kind === 'attempt-started').length;
  const cutShort = entries.filter(({ kind }) => kind === 'attempt-interrupted').length;
  const ended = (status: string): number => sagas.filter(({ row }) => row.status === status).length;
  const effects = sagas.flatMap((saga) => saga.effects);
  const again = effects.length - new Set(effects.map(({ key }) => key)).size;
  const struck = (what: string): number => strikes.filter((line) => line.includes(what)).length;
  return [
    `${sagas.length} sagas in ${(tookMs / 1_000).toFixed(1)} s: ${ended('completed')} completed, ${ended('compensated')} compensated`,
    `${struck('killed')} nodes killed, ${struck('frozen')} frozen, the database struck ${struck('database')} times`,
    `${attempts} attempts, ${cutShort} of them cut short; ${effects.length} effects, ${again} of them a repetition; ${Math.max(...sagas.map(({ row }) => row.epoch))} owners of one saga at most`,
  ].join('\n');
}
