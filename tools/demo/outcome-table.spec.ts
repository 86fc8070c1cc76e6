import { outcomeTable } from './outcome-table.js';

describe('the table of outcomes', () => {
  it('counts each state and reason, the most frequent reason first', () => {
    const orders = [
      { state: 'REJECTED', reason: 'NO_CARRIER' },
      { state: 'DELIVERED', reason: null },
      { state: 'REJECTED', reason: 'CARD_DECLINED' },
      { state: 'DELIVERED', reason: null },
      { state: 'REJECTED', reason: 'CARD_DECLINED' },
    ] as const;
    expect(outcomeTable(orders)).toEqual([
      'state       reason          orders',
      'DELIVERED   -                    2',
      'REJECTED    CARD_DECLINED        2',
      'REJECTED    NO_CARRIER           1',
      '            all                  5',
    ]);
  });

  it('says so where there is none', () => {
    expect(outcomeTable([])).toEqual(['state   reason   orders', '        all           0']);
  });
});
