import { ParticipantGate } from './participant-gate.js';

describe('ParticipantGate', () => {
  it('lets those in who came while the application started', async () => {
    const gate = new ParticipantGate();
    const early = gate.enter(10_000);
    gate.open();
    expect(await early).toBeDefined();
  });

  it('sends away who cannot wait for the start', async () => {
    expect(await new ParticipantGate().enter(1)).toBeUndefined();
  });

  it('R22: waits for those inside when it closes, and lets nobody in', async () => {
    const gate = new ParticipantGate();
    gate.open();
    const pass = await gate.enter(1);
    const closing = gate.close(10_000);
    expect(await gate.enter(1)).toBeUndefined();
    expect(pass?.stopped.aborted).toBe(false);
    pass?.leave();
    expect(await closing).toBe(0);
  });

  it('R22: aborts those who take too long', async () => {
    const gate = new ParticipantGate();
    gate.open();
    const pass = await gate.enter(1);
    expect(await gate.close(1)).toBe(1);
    expect(pass?.stopped.aborted).toBe(true);
  });
});
