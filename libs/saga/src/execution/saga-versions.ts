import { begunUnder } from '../definition/begun-under.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import { fitOf, type GraphStep, strangerIn } from '../planning/fit.js';
import type { SagaState } from '../planning/state.js';
import type { SagaGraph, SagaRow, SagaStore } from '../store/saga-store.js';

export type Standing =
  | {
      readonly kind: 'known';
      readonly registered: RegisteredSaga;
      /** Hash of the graph that the saga goes on under, where that is not the one that it ran under so far. */
      readonly changedTo?: string;
    }
  /** Nothing here may run it. */
  | { readonly kind: 'unknown'; readonly why: string; readonly step?: string }
  /** A step has begun that its graph does not have: its journal was not written by the library. */
  | { readonly kind: 'damaged'; readonly step: string };

/** Says under which definition a saga goes on here: it may have begun before its class was changed, or on a node that runs another. [R23] */
export class SagaVersions {
  private readonly found = new Map<string, readonly GraphStep[]>();
  private readonly registered = new Set<string>();

  constructor(
    private readonly store: Pick<SagaStore, 'registerGraphs' | 'findGraph'>,
    private readonly registry: SagaRegistry,
  ) {}

  /** Before the first saga is started here: what it began under must be known wherever it goes on. */
  async register(): Promise<void> {
    await this.store.registerGraphs(this.registry.all().map(graphOf));
  }

  /** Rejects where the store does not answer. */
  async standingOf({ name, version, hash }: Pick<SagaRow, 'name' | 'version' | 'hash'>, state: SagaState): Promise<Standing> {
    const registered = this.registry.get(name, version);
    if (registered === undefined) return { kind: 'unknown', why: `no class here is ${name}, version ${version}` };
    const ranUnder = state.hash ?? hash;
    const isTheSame = ranUnder === registered.definition.hash;
    const graph = isTheSame ? registered.definition.steps : await this.find(ranUnder);
    if (graph === undefined) return { kind: 'unknown', why: 'no node has registered the graph that it ran under' };
    const stranger = strangerIn(state, graph);
    if (stranger !== undefined) return { kind: 'damaged', step: stranger };
    // Asked where the graph is the same, too: it does not tell whether a step waits.
    const fit = fitOf(state, graph, registered.definition);
    if (fit.kind === 'unfit') return { kind: 'unknown', why: fit.why, step: fit.step };
    const fitting = begunUnder(registered, fit.renamed);
    return { kind: 'known', registered: fitting, ...(fitting.definition.hash !== ranUnder && { changedTo: fitting.definition.hash }) };
  }

  /** A saga is about to go on here under this graph. Where steps were renamed it is nobody's definition: nobody else registers it. */
  async remember(saga: RegisteredSaga): Promise<void> {
    const graph = graphOf(saga);
    if (saga.renamed === undefined || this.registered.has(graph.hash)) return;
    await this.store.registerGraphs([graph]);
    this.registered.add(graph.hash);
  }

  private async find(hash: string): Promise<readonly GraphStep[] | undefined> {
    const known = this.found.get(hash) ?? (await this.store.findGraph(hash));
    if (known !== undefined) this.found.set(hash, known);
    return known;
  }
}

const graphOf = ({ definition: { hash, steps } }: RegisteredSaga): SagaGraph => ({
  hash,
  steps: steps.map(({ name, after, kind }) => ({ name, after, kind })),
});
