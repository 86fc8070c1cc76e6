import { DECLINED_CARD } from 'contracts';

import { CardLedger } from './card-ledger.js';
import type { Entry } from './entry.js';

const GOOD_CARD = '4242-4242-4242-4242';
const charge = (card = GOOD_CARD) => ({ reference: 'order-1', card, cents: 1200 });

describe('the ledger of the card gateway', () => {
  let written: Entry[];
  let ledger: CardLedger;

  beforeEach(() => {
    written = [];
    ledger = new CardLedger([], (entry) => written.push(entry));
  });

  it('does once what is asked twice under one key', () => {
    const first = ledger.authorize('a', charge());
    expect(ledger.authorize('a', charge())).toBe(first);
    expect(ledger.capture('c', first.authorizationId)).toBe(ledger.capture('c', first.authorizationId));
    expect(written.map(({ kind }) => kind)).toEqual(['authorized', 'captured']);
  });

  it('captures an authorization once, whatever the key', () => {
    const { authorizationId } = ledger.authorize('a', charge());
    ledger.capture('c', authorizationId);
    expect(() => ledger.capture('other', authorizationId)).toThrow('was captured');
    expect(() => ledger.void('v', 'a')).toThrow('was captured');
  });

  it('declines a card, and remembers that it did', () => {
    expect(() => ledger.authorize('a', charge(DECLINED_CARD))).toThrow('declined');
    expect(() => ledger.authorize('a', charge(GOOD_CARD))).toThrow('declined');
    expect(written).toHaveLength(1);
  });

  it('voids an authorization by the key under which it was asked for', () => {
    const { authorizationId } = ledger.authorize('a', charge());
    expect(ledger.void('v', 'a')).toMatchObject({ authorizationId });
    expect(() => ledger.capture('c', authorizationId)).toThrow('was voided');
  });

  it('refuses an authorization that comes after its void', () => {
    expect(ledger.void('v', 'a')).toMatchObject({ authorizationId: null });
    expect(() => ledger.authorize('a', charge())).toThrow('was voided');
  });

  it('refuses a key that stands for something else', () => {
    const { authorizationId } = ledger.authorize('a', charge());
    expect(() => ledger.capture('a', authorizationId)).toThrow('stands for something else');
  });

  it('knows after a restart what it knew before', () => {
    const { authorizationId } = ledger.authorize('a', charge());
    ledger.void('never-came', 'late');
    const restarted = new CardLedger(written, () => undefined);
    expect(restarted.authorize('a', charge()).authorizationId).toBe(authorizationId);
    expect(() => restarted.authorize('late', charge())).toThrow('was voided');
  });
});
