import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { SagaClient, SagaModule } from 'nestjs-sagas';
import { newOrder } from '../workload/order.js';
import { OrderSaga } from './order-saga.js';
const { InMemorySagaStore } = (await import(new URL('../node_modules/nestjs-sagas/dist/store/in-memory/in-memory-saga-store.js', import.meta.url).href)) as any;
const turn = () => new Promise((r) => setImmediate(r));
InMemorySagaStore.prototype.start = async () => { await turn(); return { kind: 'created' }; };
InMemorySagaStore.prototype.checkpoint = async () => { await turn(); return { kind: 'passed' }; };
@Module({ imports: [CqrsModule.forRoot(), SagaModule.forRoot({ store: 'memory', worker: { concurrency: 1_000 } })], providers: [OrderSaga] })
class M {}
const app = await NestFactory.createApplicationContext(M, { logger: ['error'] });
const client = app.get(SagaClient); await client.whenReady();
let n = 0; const N = Number(process.argv[2] ?? 6000);
const { SagaWorker } = (await import(new URL('../node_modules/nestjs-sagas/dist/execution/saga-worker.js', import.meta.url).href)) as any;
const { SagaRun } = (await import(new URL('../node_modules/nestjs-sagas/dist/execution/saga-run.js', import.meta.url).href)) as any;
const mode = process.env['MODE'] ?? '';
if (mode === 'start') { SagaWorker.prototype.adopt = () => {}; }
if (mode === 'enter') { SagaWorker.prototype.adopt = function (this: any, saga: any) { const run = this.enter(saga); this.places.leave(run, 'given-back'); }; }
if (mode === 'noplaces') { SagaWorker.prototype.adopt = function (this: any, saga: any, entries: any, wakeAt: any) { const run = new SagaRun(this.host, saga); run.begin(entries, wakeAt); }; }
const waits = mode === '' ;
const loop = async () => { while (n < N) { n += 1; const h = await client.start(OrderSaga, newOrder('happy')); if (waits) await h.result(); else for (let i = 0; i < 5; i += 1) await turn(); } };
const t0 = performance.now(); const c0 = process.cpuUsage();
const { Session } = await import('node:inspector/promises'); const session = new Session(); if (process.env['HEAP']) { session.connect(); await session.post('HeapProfiler.startSampling' as any, { samplingInterval: 512, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true } as any); }
await Promise.all(Array.from({ length: Number(process.env["FLIGHT"] ?? 16) }, loop));
console.log('sagas/s', N / ((performance.now() - t0) / 1000), 'cpu us', (process.cpuUsage(c0).user + process.cpuUsage(c0).system) / N);
if (process.env['HEAP']) { const { profile } = (await session.post('HeapProfiler.stopSampling' as any)) as any; (await import('node:fs')).writeFileSync('bench/results/happy-128.cpuprofile', JSON.stringify(profile)); }
process.exit(0);
