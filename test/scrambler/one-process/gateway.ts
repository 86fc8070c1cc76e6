/** A service outside, which knows each idempotency key: what was asked of it under one, in order. */
export class Gateway {
  private readonly asked = new Map<string, ('charge' | 'refund')[]>();

  charge(key: string): void {
    this.ask(key, 'charge');
  }

  /** @param key of the charge */
  refund(key: string): void {
    this.ask(key, 'refund');
  }

  /** What is charged, and not refunded: once at most for each key, whatever was asked how often. */
  get charged(): readonly string[] {
    return [...this.asked].filter(([, asked]) => asked.includes('charge') && !asked.includes('refund')).map(([key]) => key);
  }

  /** Keys under which something was charged after it was refunded. */
  get chargedAfterRefund(): readonly string[] {
    return [...this.asked]
      .filter(([, asked]) => asked.lastIndexOf('charge') > asked.indexOf('refund') && asked.includes('refund'))
      .map(([key]) => key);
  }

  private ask(key: string, what: 'charge' | 'refund'): void {
    const asked = this.asked.get(key);
    if (asked === undefined) this.asked.set(key, [what]);
    else asked.push(what);
  }
}
