import { createServer, type Server } from 'node:net';
import { PARTICIPANT_NAMES, type ParticipantName, SERVICES, type ServiceName, USUAL_PORTS } from './topology.js';

/** Where everything listens, on 127.0.0.1. */
export interface Ports {
  readonly http: Readonly<Record<ServiceName, number>>;
  /** Where the participants take commands. */
  readonly tcp: Readonly<Record<ParticipantName, number>>;
  readonly postgres: number;
}

/** Ports that stay with this process until they are released. */
export interface PortClaim {
  readonly ports: Ports;
  release(): Promise<void>;
}

const USUAL_CLAIM = 3019;

/** How many ports one set-up takes, from its base: those of the services, PostgreSQL's, and its claim. */
export const BLOCK_SIZE = SERVICES.length + PARTICIPANT_NAMES.length + 2;

// Below the range from which systems take the ports of outgoing connections: a port of that range could be taken by one while
// its service is down, and the service could not start again.
const LOWEST_BASE = 20_000;
const HIGHEST_BASE = 31_900;
const TRIES = 50;

/** The ports of a set-up that begins at `base`; the last one of the block is only held as its claim. */
export function portsFrom(base: number): Ports {
  const [firstTcp, postgres] = [base + SERVICES.length, base + BLOCK_SIZE - 2];
  return {
    http: numbered(SERVICES, base),
    tcp: numbered(PARTICIPANT_NAMES, firstTcp),
    postgres,
  };
}

function numbered<N extends string>(names: readonly N[], first: number): Record<N, number> {
  return Object.fromEntries(names.map((name, index) => [name, first + index])) as Record<N, number>;
}

/** The block at `base`. Throws, naming the port, where one is taken. */
export async function claimPortsFrom(base: number): Promise<PortClaim> {
  return claim(portsFrom(base), base + BLOCK_SIZE - 1);
}

/** Any free block. Two set-ups that look at the same time never get the same one: each holds the claim of its block. */
export async function claimFreePorts(): Promise<PortClaim> {
  const blocks = Math.floor((HIGHEST_BASE - LOWEST_BASE) / BLOCK_SIZE);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const base = LOWEST_BASE + Math.floor(Math.random() * blocks) * BLOCK_SIZE;
    const claimed = await claimPortsFrom(base).catch(() => null);
    if (claimed) return claimed;
  }
  throw new Error(`No ${BLOCK_SIZE} free ports in a row were found on 127.0.0.1 from ${LOWEST_BASE} on. Give a base: --port-base 3000.`);
}

/** The ports of the README's table; null where one of them is taken. */
export async function claimUsualPorts(): Promise<PortClaim | null> {
  return claim(USUAL_PORTS, USUAL_CLAIM).catch(() => null);
}

async function claim(ports: Ports, claimPort: number): Promise<PortClaim> {
  // The claim comes first: between the look at a port and the start of its service nobody else may take the block.
  const held = await listen(claimPort);
  try {
    for (const port of [...Object.values(ports.http), ...Object.values(ports.tcp), ports.postgres]) await close(await listen(port));
  } catch (error) {
    await close(held);
    throw error;
  }
  return { ports, release: () => close(held) };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `Port ${port} on 127.0.0.1 cannot be used (${error.code ?? error.message}). Stop what listens there, or give another --port-base.`,
        ),
      ),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
