import { readFile } from 'node:fs/promises';
import { UsageError } from '../services/options.js';

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  /** The price of one. */
  readonly cents: number;
}

/** What `POST /orders` takes. */
export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly card: string;
  readonly destination: string;
  readonly lines: readonly OrderLine[];
}

/** One good line of an orders file. */
export interface FiledOrder {
  /** 1-based. */
  readonly lineNumber: number;
  readonly order: Order;
  /** Why the shopper cancels the order as soon as it is accepted; left out: the order stands. */
  readonly cancel?: string;
  /** Why a person declines the order where it waits for approval; left out: it is approved. */
  readonly decline?: string;
  /** Nobody looks at it where it waits for approval. */
  readonly unattended?: true;
}

export interface BadLine {
  /** 1-based. */
  readonly lineNumber: number;
  readonly reason: string;
}

export interface OrdersFile {
  readonly orders: readonly FiledOrder[];
  readonly badLines: readonly BadLine[];
}

const TEXTS = ['orderId', 'customerId', 'card', 'destination'] as const;

/** Reads an orders file. Throws `UsageError` where there is none, or where it holds no order. */
export async function readOrdersFile(path: string): Promise<OrdersFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'it is a folder' : error.message;
    throw new UsageError(`Cannot read the orders file ${path}: ${why}. Give a JSON Lines file: --orders FILE.`);
  });
  const file = parseOrders(text);
  if (file.orders.length > 0) return file;
  const reasons = file.badLines.slice(0, 5).map(({ lineNumber, reason }) => `\n  line ${lineNumber}: ${reason}`);
  throw new UsageError(`The orders file ${path} holds no order.${reasons.join('')}`);
}

/** JSON Lines: an order a line, such as `POST /orders` takes it, and beside its fields what becomes of it. Empty lines are passed over. */
export function parseOrders(text: string): OrdersFile {
  const orders: FiledOrder[] = [];
  const badLines: BadLine[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const lineNumber = index + 1;
    const parsed = parseLine(line);
    if ('reason' in parsed) badLines.push({ lineNumber, ...parsed });
    else orders.push({ lineNumber, ...parsed });
  }
  return { orders, badLines };
}

function parseLine(line: string): Omit<FiledOrder, 'lineNumber'> | { readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { reason: `not JSON (${(error as Error).message})` };
  }
  if (!isRecord(value)) return { reason: 'not an object' };
  const { cancel, decline, unattended, ...order } = value;
  const wishes = Object.fromEntries(Object.entries({ cancel, decline, unattended }).filter(([, wish]) => wish !== undefined));
  const faults = [...orderFaults(order), ...wishFaults(wishes)];
  if (faults.length > 0) return { reason: faults.join('; ') };
  return { order: order as unknown as Order, ...wishes };
}

function wishFaults(wishes: Record<string, unknown>): string[] {
  const texts = ['cancel', 'decline'].filter((name) => name in wishes && !isText(wishes[name]));
  return [
    ...texts.map((name) => `${name} must be text that is not empty`),
    ...('unattended' in wishes && wishes['unattended'] !== true ? ['unattended must be true, or left out'] : []),
    ...('unattended' in wishes && 'decline' in wishes ? ['decline and unattended exclude each other'] : []),
  ];
}

function orderFaults(order: Record<string, unknown>): string[] {
  const texts = TEXTS.filter((name) => !isText(order[name])).map((name) => `${name} must be text that is not empty`);
  return [...texts, ...linesFaults(order['lines']), ...unknownFields(order, [...TEXTS, 'lines'])];
}

function linesFaults(lines: unknown): string[] {
  if (!Array.isArray(lines) || lines.length === 0) return ['lines must be a list with at least one line'];
  return lines.flatMap((line: unknown, index) => lineFaults(line).map((fault) => `lines[${index}]${fault}`));
}

function lineFaults(line: unknown): string[] {
  if (!isRecord(line)) return [' must be an object'];
  return [
    ...(isText(line['sku']) ? [] : ['.sku must be text that is not empty']),
    ...['quantity', 'cents'].filter((name) => !isCount(line[name])).map((name) => `.${name} must be a whole number from 1 on`),
    ...unknownFields(line, ['sku', 'quantity', 'cents']).map((fault) => ` has ${fault}`),
  ];
}

function unknownFields(record: Record<string, unknown>, known: readonly string[]): string[] {
  return Object.keys(record)
    .filter((name) => !known.includes(name))
    .map((name) => `the unknown field ${JSON.stringify(name)}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
