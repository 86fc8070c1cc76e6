/** The shop's name for what a charge is for: its order id. The gateway does not know more of it. */
type Reference = string;

/** One line of the ledger: something that the gateway did, or refused, under an idempotency key. Never changed, never removed. */
export type Entry =
  | {
      readonly kind: 'authorized';
      readonly key: string;
      readonly authorizationId: string;
      readonly reference: Reference;
      readonly cents: number;
    }
  | { readonly kind: 'declined'; readonly key: string; readonly reference: Reference; readonly cents: number }
  | {
      readonly kind: 'captured';
      readonly key: string;
      readonly captureId: string;
      readonly authorizationId: string;
      readonly reference: Reference;
      readonly cents: number;
    }
  /** `authorizationId` is null where the gateway has not seen that authorization: should it come late, it is refused. */
  | { readonly kind: 'voided'; readonly key: string; readonly authorizationKey: string; readonly authorizationId: string | null };

export type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;
