import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Answer, Measured, Request } from '../harness/protocol.js';
import { runInFlight } from './in-flight.js';
import type { Program } from './program.js';
import { profiled } from './profiled.js';

/** Answers the harness until it is told to close, or is gone. */
export function drive(program: Program): void {
  process.once('disconnect', () => process.exit());
  process.on('message', (request: Request) => {
    void answer(program, request).then((reply) => {
      process.send?.(reply);
      if (request.ask === 'close') process.disconnect();
    });
  });
}

async function answer(program: Program, request: Request): Promise<Answer> {
  try {
    return { value: await perform(program, request) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
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
  took.sort((left, right) => left - right);
  const percentile = (share: number): number => took[Math.ceil(took.length * share) - 1] ?? 0;
  return {
    seconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    cpuSeconds: (user + system) / 1e6,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
  };
}
