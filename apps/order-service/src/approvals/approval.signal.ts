import { defineSignal, type SagaView } from 'nestjs-sagas';

/** What a person says of an order that is dear. */
export type Decision =
  { readonly approved: true; readonly by: string } | { readonly approved: false; readonly by: string; readonly reason: string };

export const approval = defineSignal<Decision>('approval');

export const waitsForApproval = ({ waitingFor }: SagaView): boolean => waitingFor?.kind === 'signal' && waitingFor.name === approval.name;
