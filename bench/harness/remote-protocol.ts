/** What is measured: a request of Nest with one transactional row at its end, and sagas of one and of four remote steps with the same row. */
export const DEEDS = ['request', 'one step', 'four steps'] as const;

export type Deed = (typeof DEEDS)[number];

/** What bench/remote.ts asks of the participant. Opened, it answers with its port. */
export type ParticipantRequest = { readonly ask: 'open'; readonly url: string } | { readonly ask: 'close' };

/** … and of the orchestrator. */
export type OrchestratorRequest =
  | { readonly ask: 'open'; readonly url: string; readonly port: number }
  | { readonly ask: 'run'; readonly deed: Deed; readonly flight: number; readonly count: number }
  | { readonly ask: 'close' };

export interface Remote {
  readonly perSecond: number;
  readonly p50Ms: number;
}
