import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Measured, Request } from '../harness/protocol.js';
import { answering } from './answering.js';
import { runInFlight } from './in-flight.js';
import type { Program } from './program.js';
import { percentile } from '../report/spread.js';
import { profiled } from './profiled.js';

/** Runs a program as the harness asks. */
export function drive(program: Program): void {
  answering<Request>(async (request) => perform(program, request));
}

async function perform(program: Program, request: Request): Promise<unknown> {
  switch (request.ask) {
    case 'open':
      return program.open(request.url);
    case 'warm-up': {
      const endsAt = performance.now() + request.ms;
      const took = await runInFlight(program, { ...request, until: () => performance.now() > endsAt });
      return took.length;
    }
    case 'measure':
      return profiled(request.profile, async () => measure(program, request));
    case 'endings':
      return program.endings();
    case 'close':
      return program.close();
  }
}

async function measure(program: Program, { kind, flight, sagas }: Request & { ask: 'measure' }): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const from = performance.now();
  const took = await runInFlight(program, { kind, flight, until: (started) => started >= sagas });
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const sorted = took.toSorted((left, right) => left - right);
  return {
    seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    cpuSeconds: (user + system) / 1e6,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
  };
}
