import { BootWatch } from './boot-watch.js';

/** What is warned of, and a promise of the next warning. */
function listen() {
  const heard: string[] = [];
  let tell: () => void = () => undefined;
  const warn = (text: string): void => {
    heard.push(text);
    tell();
  };
  return { heard, logger: { warn }, next: async () => new Promise<void>((resolve) => (tell = resolve)) };
}

describe('the watch over the boot', () => {
  it('warns that whenReady holds up the boot, once for all who wait', async () => {
    const { heard, logger, next } = listen();
    const boot = new BootWatch(1, logger);
    boot.waitedFor();
    boot.waitedFor();
    await next();
    boot.waitedFor();
    new BootWatch(2, logger).waitedFor();
    await next();
    expect(heard).toHaveLength(2);
    expect(heard[0]).toMatch(/^SagaClient\.whenReady\(\) .* it holds up the boot that it waits for: await it after app\.init\(\)/);
  });

  it('says nothing where the boot ends in time, nor afterwards', async () => {
    const booted = listen();
    const other = listen();
    const boot = new BootWatch(1, booted.logger);
    boot.waitedFor();
    boot.over();
    boot.waitedFor();
    new BootWatch(2, other.logger).waitedFor();
    await other.next();
    expect(booted.heard).toEqual([]);
  });
});
