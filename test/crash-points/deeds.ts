import type { SagaContext } from 'nestjs-sagas';

import type { Life } from './life.js';

/** Effects in the world outside, which no crash takes back: how often each was done, by idempotency key. */
export class Effects {
  private readonly counts = new Map<string, number>();

  add(key: string): void {
    this.counts.set(key, this.of(key) + 1);
  }

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  get keys(): string[] {
    return [...this.counts.keys()].toSorted();
  }
}

/** What the sagas of one node do to the world, as long as that node lives. */
export class Deeds {
  constructor(
    private readonly effects: Effects,
    private readonly life: Life,
  ) {}

  async do({ idempotencyKey }: Pick<SagaContext, 'idempotencyKey'>): Promise<void> {
    await this.life.live(() => this.effects.add(idempotencyKey));
  }
}
