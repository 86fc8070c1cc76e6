import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Authorization, Capture } from 'contracts';
import { StepRejected } from 'nestjs-sagas';

import type { Environment } from '../config/environment.js';

/** How one call is known to the gateway, and how it is given up. */
export interface Call {
  /** The gateway does once what comes twice under one key. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/**
 * The card company, over HTTP. What it refuses (402, 409) is a StepRejected with its code. Anything else that is not an
 * answer is an ordinary error, and leaves open whether the gateway did it.
 */
@Injectable()
export class CardGateway {
  private readonly url: string;

  constructor(config: ConfigService<Environment, true>) {
    this.url = config.get('GATEWAY_URL', { infer: true });
  }

  authorize(charge: { reference: string; card: string; cents: number }, call: Call): Promise<Authorization> {
    return this.post('authorizations', charge, call);
  }

  capture(authorizationId: string, call: Call): Promise<Capture> {
    return this.post('captures', { authorizationId }, call);
  }

  /** @param authorizationKey under which the authorization was asked for; the gateway need not have seen it */
  async void(authorizationKey: string, call: Call): Promise<void> {
    await this.post('voids', { authorizationKey }, call);
  }

  private async post<T>(path: string, body: object, { idempotencyKey, signal }: Call): Promise<T> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const response = await fetch(new URL(path, this.url), { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
      (cause: unknown) => {
        throw new Error(`the card gateway gave no answer to POST /${path}`, { cause });
      },
    );
    if (response.ok) return (await response.json()) as T;
    if (response.status === 402 || response.status === 409) {
      const { code, message } = (await response.json()) as { code: string; message: string };
      throw new StepRejected(code, message);
    }
    throw new Error(`the card gateway answered POST /${path} with ${response.status}`);
  }
}
