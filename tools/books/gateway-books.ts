import { Grouped } from './book-check.js';
import type { LedgerEntry } from './snapshot.js';

type EntryOf<K extends LedgerEntry['kind']> = Extract<LedgerEntry, { kind: K }>;

/** What the gateway's ledger comes to. */
export class GatewayBooks {
  readonly captures: readonly EntryOf<'captured'>[];
  private readonly capturesByOrder: Grouped<EntryOf<'captured'>>;
  private readonly openByOrder: Grouped<EntryOf<'authorized'>>;

  constructor(ledger: readonly LedgerEntry[]) {
    this.captures = ledger.filter((entry) => entry.kind === 'captured');
    const captured = new Set(this.captures.map(({ authorizationId }) => authorizationId));
    const voided = new Set(ledger.filter((entry) => entry.kind === 'voided').map(({ authorizationId }) => authorizationId));
    const open = ledger
      .filter((entry) => entry.kind === 'authorized')
      .filter(({ authorizationId }) => !captured.has(authorizationId) && !voided.has(authorizationId));
    this.capturesByOrder = new Grouped(this.captures, ({ reference }) => reference);
    this.openByOrder = new Grouped(open, ({ reference }) => reference);
  }

  /** Orders whose money was taken. */
  get paidOrders(): readonly string[] {
    return this.capturesByOrder.keys;
  }

  capturesFor(orderId: string): readonly EntryOf<'captured'>[] {
    return this.capturesByOrder.of(orderId);
  }

  /** Whether money is still held for the order. */
  holdsFor(orderId: string): boolean {
    return this.openByOrder.of(orderId).length > 0;
  }
}
