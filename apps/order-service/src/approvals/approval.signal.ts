import { defineSignal, type JournalEntry, type SagaView } from 'nestjs-sagas';

/** What a person says of an order that is dear. */
export type Decision =
  { readonly approved: true; readonly by: string } | { readonly approved: false; readonly by: string; readonly reason: string };

export const approval = defineSignal<Decision>('approval');

export const waitsForApproval = ({ waitingFor }: SagaView): boolean => waitingFor?.kind === 'signal' && waitingFor.name === approval.name;

/** Of two that were sent at the same time the journal has the first. */
export function decisionIn(journal: readonly JournalEntry[]): Decision | undefined {
  const messages = journal
    .filter(({ kind }) => kind === 'message-received')
    .map(({ details }) => details as { name: string; payload: unknown });
  return messages.find(({ name }) => name === approval.name)?.payload as Decision | undefined;
}
