import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { ClientProvider } from '@nestjs/microservices';
import { INVENTORY, PAYMENT, SHIPPING, wayTo } from 'contracts';
import type { SagaModuleOptions, SagaOptionsFactory } from 'nestjs-sagas';

import type { Environment } from './environment.js';

@Injectable()
export class SagaOptions implements SagaOptionsFactory {
  constructor(private readonly config: ConfigService<Environment, true>) {}

  createSagaOptions(): SagaModuleOptions {
    return {
      worker: { lease: this.config.get('SAGA_LEASE', { infer: true }) },
      participants: {
        [PAYMENT]: this.way(PAYMENT, 'PAYMENT'),
        [INVENTORY]: this.way(INVENTORY, 'INVENTORY'),
        [SHIPPING]: this.way(SHIPPING, 'SHIPPING'),
      },
    };
  }

  private way(participant: string, service: 'PAYMENT' | 'INVENTORY' | 'SHIPPING'): ClientProvider {
    const host = this.config.get(`${service}_HOST`, { infer: true });
    const port = this.config.get(`${service}_PORT`, { infer: true });
    return wayTo(participant, { host, port, brokerUrl: this.config.get('BROKER_URL', { infer: true }) });
  }
}
