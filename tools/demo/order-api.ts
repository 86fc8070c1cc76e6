import { setTimeout as delay } from 'node:timers/promises';
import type { Order } from './orders-file.js';

export type OrderState = 'PENDING' | 'APPROVED' | 'DELIVERED' | 'REJECTED' | 'CANCELLED';

export interface OrderSummary {
  readonly orderId: string;
  readonly state: OrderState;
  readonly reason: string | null;
  /** Of its parcels. */
  readonly trackingIds: readonly string[] | null;
}

/** A step of an order's saga, or one item of it. */
export interface StepSummary {
  readonly step: string;
  readonly status: string;
  readonly attempts: number;
  readonly error?: { readonly code?: string; readonly message: string } | null;
  readonly compensation: {
    readonly status: string;
    readonly attempts: number;
    readonly error?: { readonly message: string } | null;
  } | null;
  readonly items?: readonly StepSummary[];
}

export interface OrderDetail extends OrderSummary {
  readonly saga: {
    readonly id: string;
    readonly status: string;
    readonly failure: { readonly message: string } | null;
    readonly steps: readonly StepSummary[];
  };
}

/** An entry of a saga's journal, as `GET /orders/:id/journal` gives it. */
export interface JournalEntry {
  readonly sequence: number;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: string;
  readonly step?: string;
  readonly item?: number;
  readonly direction?: 'forward' | 'compensation';
  readonly attempt?: number;
  readonly details?: unknown;
}

export type Placed = { readonly accepted: true; readonly created: boolean } | { readonly accepted: false; readonly reason: string };
export type Cancelled = { readonly accepted: boolean; readonly message: string };
/** What a person says of an order above the limit. */
export type Decision = { readonly by: string; readonly decline?: string | undefined };

export interface OrderApiOptions {
  /** Such as http://127.0.0.1:3000. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Asked before each new try; throws where waiting is pointless. */
  readonly assertAlive: () => void;
}

const OUTAGE_WITHIN_MS = 60_000;
const TRY_AGAIN_MS = 200;
const ANSWER_WITHIN_MS = 20_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The HTTP API of order-service. A request that gets no answer is sent again, until the service is back: each of them is safe to repeat. */
export class OrderApi {
  constructor(private readonly options: OrderApiOptions) {}

  async place(order: Order): Promise<Placed> {
    const { status, body } = await this.request('POST', '/orders', order);
    if (status === 202 || status === 200) return { accepted: true, created: (body as { created: boolean }).created };
    if (status === 400 || status === 409) return { accepted: false, reason: `${status} ${messageOf(body)}` };
    throw unexpected('POST /orders', { status, body });
  }

  async cancel(orderId: string, reason: string): Promise<Cancelled> {
    const { status, body } = await this.request('POST', `/orders/${encodeURIComponent(orderId)}/cancel`, { reason });
    if (status === 202) return { accepted: true, message: '' };
    if (status === 409) return { accepted: false, message: messageOf(body) };
    throw unexpected(`POST /orders/${orderId}/cancel`, { status, body });
  }

  async list(state: OrderState, limit: number): Promise<readonly OrderSummary[]> {
    const { items } = (await this.get(`/orders?state=${state}&limit=${limit}`)) as { items: OrderSummary[] };
    return items;
  }

  /** The ids of the orders that wait for a person. */
  async waitingForApproval(): Promise<readonly string[]> {
    const { items } = (await this.get('/approvals')) as { items: { orderId: string }[] };
    return items.map(({ orderId }) => orderId);
  }

  /** An order that does not wait any more is left as it is. */
  async decide(orderId: string, { by, decline }: Decision): Promise<void> {
    const path = `/orders/${encodeURIComponent(orderId)}/${decline === undefined ? 'approve' : 'decline'}`;
    const answer = await this.request('POST', path, decline === undefined ? { by } : { by, reason: decline });
    if (answer.status !== 202 && answer.status !== 409) throw unexpected(`POST ${path}`, answer);
  }

  /** As a carrier says it: it may be said again, and is too early where the order does not expect the parcel yet. */
  async deliver(trackingId: string): Promise<void> {
    const answer = await this.request('POST', '/deliveries', { trackingId });
    if (![200, 202, 404].includes(answer.status)) throw unexpected('POST /deliveries', answer);
  }

  async find(orderId: string): Promise<OrderDetail> {
    return (await this.get(`/orders/${encodeURIComponent(orderId)}`)) as OrderDetail;
  }

  async journal(orderId: string): Promise<readonly JournalEntry[]> {
    return (await this.get(`/orders/${encodeURIComponent(orderId)}/journal`)) as JournalEntry[];
  }

  private async get(path: string): Promise<unknown> {
    const answer = await this.request('GET', path);
    if (answer.status !== 200) throw unexpected(`GET ${path}`, answer);
    return answer.body;
  }

  private async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const giveUpAt = performance.now() + OUTAGE_WITHIN_MS;
    for (;;) {
      const answer = await this.tryOnce(method, path, body);
      if (!(answer instanceof Error)) return answer;
      this.options.signal.throwIfAborted();
      this.options.assertAlive();
      if (performance.now() > giveUpAt)
        throw new Error(`${method} ${path} got no answer from ${this.options.url} within ${OUTAGE_WITHIN_MS / 1000} s: ${answer.message}`);
      await delay(TRY_AGAIN_MS, undefined, { signal: this.options.signal });
    }
  }

  /** The answer, or the error of a connection that was refused, cut or silent. */
  private async tryOnce(method: string, path: string, body: unknown): Promise<Answer | Error> {
    try {
      const response = await fetch(`${this.options.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.any([this.options.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      const text = await response.text();
      return { status: response.status, body: asJson(text) };
    } catch (error) {
      const { cause } = error as Error;
      return cause instanceof Error ? cause : (error as Error);
    }
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return Array.isArray(message) ? message.join('; ') : typeof message === 'string' ? message : JSON.stringify(message);
}

function unexpected(what: string, { status, body }: Answer): Error {
  return new Error(`${what} answered ${status}: ${messageOf(body)}`);
}
