import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface GatewayEntry {
  readonly what: 'charge' | 'refund';
  /** Of the charge. */
  readonly key: string;
}

/** What a gateway has done, in a file that outlives its process: one line each, written before it answers. */
export class GatewayBook {
  private readonly done: Set<string>;

  constructor(private readonly path: string) {
    this.done = new Set(this.read().map(textOf));
  }

  /** Once for each idempotency key, whoever asks how often. */
  enter(entry: GatewayEntry): void {
    const text = textOf(entry);
    if (this.done.has(text)) return;
    appendFileSync(this.path, `${text}\n`);
    this.done.add(text);
  }

  /** In order. */
  read(): readonly GatewayEntry[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [what, key = ''] = line.split(' ');
      return { what: what as GatewayEntry['what'], key };
    });
  }
}

const textOf = ({ what, key }: GatewayEntry): string => `${what} ${key}`;
