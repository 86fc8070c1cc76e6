/** How the till reaches the gateway. */
export class GatewayClient {
  constructor(private readonly url: string) {}

  async charge(key: string, signal: AbortSignal): Promise<void> {
    await this.ask('charge', key, signal);
  }

  /** @param key of the charge */
  async refund(key: string, signal: AbortSignal): Promise<void> {
    await this.ask('refund', key, signal);
  }

  private async ask(what: 'charge' | 'refund', key: string, signal: AbortSignal): Promise<void> {
    const answer = await fetch(`${this.url}/${what}/${encodeURIComponent(key)}`, { method: 'POST', signal });
    if (!answer.ok) throw new Error(`the gateway cannot ${what}: ${answer.status}`);
  }
}
