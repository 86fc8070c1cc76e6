import { inspect } from 'node:util';

import type { INestApplicationContext, InjectionToken, Provider, Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { SagaClient, SagaModule, type SagaModuleOptions } from 'nestjs-sagas';

import { RecordingLogger } from '../support/recording-logger.js';

/** What an example needs around it. */
export interface Application {
  readonly sagas: SagaClient;
  get<T>(token: InjectionToken<T>): T;
}

const running: INestApplicationContext[] = [];

/** Starts an application with these sagas, and what they inject, in memory; pauses between attempts are short. */
export async function application(providers: readonly (Type<object> | Provider)[], options: SagaModuleOptions = {}): Promise<Application> {
  const quick = { retry: { delay: 1 }, compensationRetry: { delay: 1 } } as const;
  const module = await Test.createTestingModule({
    imports: [CqrsModule.forRoot(), SagaModule.forRoot({ store: 'memory', ...quick, ...options })],
    providers: [...providers],
  })
    .setLogger(new RecordingLogger())
    .compile();
  running.push(module);
  await module.init();
  return { sagas: module.get(SagaClient, { strict: false }), get: (token) => module.get(token, { strict: false }) };
}

export async function stopApplications(): Promise<void> {
  for (const module of running.splice(0)) await module.close();
}

const differences: string[] = [];

/** Notes where an expression comes to something else than the page says. */
export async function shows(place: string, expected: string, expression: () => Promise<unknown>): Promise<void> {
  const found = await expression().then(textOf, errorText);
  if (withoutBreaks(found) !== withoutBreaks(expected)) differences.push(`${place} says → ${expected}\nbut it is ${found}`);
}

/** Those since it was last asked. */
export const differencesFound = (): readonly string[] => differences.splice(0);

const textOf = (value: unknown): string =>
  typeof value === 'string' && value.includes('\n') ? value : inspect(value, { depth: 8, breakLength: Infinity, sorted: false });

const errorText = (error: unknown): string => (error instanceof Error ? `${error.constructor.name}: ${error.message}` : inspect(error));

const withoutBreaks = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
