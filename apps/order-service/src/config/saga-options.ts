import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { type ClientProvider, Transport } from '@nestjs/microservices';
import { INVENTORY, PAYMENT, SHIPPING } from 'contracts';
import type { SagaModuleOptions, SagaOptionsFactory } from 'nestjs-sagas';

import type { Environment } from './environment.js';

@Injectable()
export class SagaOptions implements SagaOptionsFactory {
  constructor(private readonly config: ConfigService<Environment, true>) {}

  createSagaOptions(): SagaModuleOptions {
    return {
      worker: { lease: this.config.get('SAGA_LEASE', { infer: true }) },
      participants: {
        [PAYMENT]: this.tcp('PAYMENT'),
        [INVENTORY]: this.tcp('INVENTORY'),
        [SHIPPING]: this.tcp('SHIPPING'),
      },
    };
  }

  private tcp(service: 'PAYMENT' | 'INVENTORY' | 'SHIPPING'): ClientProvider {
    const host = this.config.get(`${service}_HOST`, { infer: true });
    const port = this.config.get(`${service}_PORT`, { infer: true });
    return { transport: Transport.TCP, options: { host, port } };
  }
}
