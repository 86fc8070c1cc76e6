/** Who asked for it, and why: it is kept in the journal. [R16] */
export interface OperatorNote {
  /** Who. */
  operator: string;
  /** Why. */
  reason: string;
}

/** What an entry carries that an operator wrote. */
export interface ByOperator {
  readonly by: Readonly<OperatorNote>;
}
