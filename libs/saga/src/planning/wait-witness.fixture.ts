import type { Entry } from './journal.js';
import type { SeenNode } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

type Message = Extract<Entry, { kind: 'message-received' }>;
type Law = (holds: boolean, rule: string, broken: string) => void;

/** What a witness knows of waits: each ends by the oldest message of its name, or by time. [R27, R28] */
export class WaitWitness {
  /** Messages that nobody has taken, oldest first. */
  private inbox: Message[] = [];

  constructor(private readonly law: Law) {}

  receive(message: Message): void {
    this.inbox.push(message);
  }

  begin(node: SeenNode, { at, wait }: Extract<Entry, { kind: 'step-waits' }>, isReached: boolean): void {
    const inTime = isReached && node.forward.dueAt <= at && node.forward.attempts === 0;
    this.law(inTime, 'R27', `${nameOf(node.ref)} waits too early, or again`);
    node.waits = wait;
  }

  /** The first open wait in graph order gets the oldest message. */
  take(node: SeenNode, sequence: number | undefined, nodes: readonly SeenNode[]): void {
    const name = nameOf(node.ref);
    this.law(node.heard || sequence !== undefined, 'R27', `${name} starts without what it waits for`);
    if (sequence === undefined) return;
    const message = this.oldestFor(node);
    this.law(message?.sequence === sequence, 'R27', `${name} takes message ${sequence}, and the oldest is ${message?.sequence}`);
    const first = nodes.find(({ waits }) => waits?.name === message?.name);
    this.law(first === node, 'R27', `${name} takes what ${first && nameOf(first.ref)} waited for before it`);
    this.inbox = this.inbox.filter((other) => other.sequence !== sequence);
    Object.assign(node, { heard: true, waits: null });
  }

  /** It ends without a message. */
  end(node: SeenNode, { at, unwinding }: { readonly at: number; readonly unwinding: boolean }): void {
    if (node.waits && !unwinding) {
      const name = nameOf(node.ref);
      this.law(node.waits.until !== null && node.waits.until <= at, 'R28', `${name} waits no longer, and its time is not over`);
      this.law(this.oldestFor(node) === undefined, 'R27', `${name} gives up waiting for what is there`);
    }
    node.waits = null;
  }

  /** Nothing more is to be done now. */
  rest(node: SeenNode): void {
    this.law(this.oldestFor(node) === undefined, 'R27', `${nameOf(node.ref)} waits for what is there`);
  }

  private oldestFor({ waits }: SeenNode): Message | undefined {
    return this.inbox.find(({ channel, name }) => channel === waits?.channel && name === waits.name);
  }
}
