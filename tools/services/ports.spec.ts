import { BLOCK_SIZE, claimFreePorts, claimPortsFrom, portsFrom } from './ports.js';

const all = ({ http, tcp, postgres }: ReturnType<typeof portsFrom>): number[] => [...Object.values(http), ...Object.values(tcp), postgres];

describe('ports', () => {
  it('differ from each other within a block', () => {
    expect(new Set(all(portsFrom(3_000))).size).toBe(BLOCK_SIZE - 1);
  });

  it('are never given twice while they are claimed', async () => {
    const first = await claimFreePorts();
    const base = first.ports.http['order-service'];
    await expect(claimPortsFrom(base)).rejects.toThrow(`Port ${base + BLOCK_SIZE - 1} on 127.0.0.1 cannot be used (EADDRINUSE)`);
    await first.release();
    const again = await claimPortsFrom(base);
    expect(again.ports).toEqual(first.ports);
    await again.release();
  });
});
