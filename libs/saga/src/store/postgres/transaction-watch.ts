import type { QueryRunner } from 'typeorm';

/** What `pg` tells of a connection's messages; another driver's connection tells nothing. */
interface Wire {
  on(event: string, listener: (message: never) => void): unknown;
  removeListener(event: string, listener: (message: never) => void): unknown;
}

/** Tags of what makes a transaction durable. COMMIT AND CHAIN, and one inside a text of several statements, answer so too. */
const COMMITS = new Set(['COMMIT', 'PREPARE TRANSACTION']);

const ended = new WeakSet<QueryRunner>();

/** Whether a transaction that is watched was ended by another than its owner: what comes now commits by itself. */
export const wasEnded = (runner: QueryRunner): boolean => ended.has(runner);

/**
 * Hears of a transaction's end in the server's own answers, so that raw SQL counts too and no round trip is spent. Call it
 * when the transaction has begun.
 *
 * @returns ends the watch: what comes now is the owner's doing
 */
export async function watchTransaction(runner: QueryRunner): Promise<() => void> {
  const { connection: wire } = (await runner.connect()) as { readonly connection?: Wire };
  const onCommand = ({ text }: { readonly text: string }): void => {
    if (COMMITS.has(text)) ended.add(runner);
  };
  // I is idle: no transaction is open.
  const onReady = ({ status }: { readonly status: string }): void => {
    if (status === 'I') ended.add(runner);
  };
  wire?.on('commandComplete', onCommand);
  wire?.on('readyForQuery', onReady);
  return () => {
    if (!runner.isTransactionActive) ended.add(runner);
    wire?.removeListener('commandComplete', onCommand);
    wire?.removeListener('readyForQuery', onReady);
  };
}
