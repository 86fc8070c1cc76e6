import { SHAKY_DESTINATION, UNREACHABLE_DESTINATION } from 'contracts';
import { StepRejected } from 'nestjs-sagas';

import { Carriers } from './carriers.js';

describe('the carriers', () => {
  it('go to most places', () => {
    expect(new Carriers().find('order-1', 'Bern')).toEqual({ carrier: 'Post Coach' });
  });

  it('refuse a place that nobody reaches', () => {
    expect(() => new Carriers().find('order-1', UNREACHABLE_DESTINATION)).toThrow(StepRejected);
  });

  it('fail twice on a shaky route, and then go: for each order anew', () => {
    const carriers = new Carriers();
    for (const order of ['order-1', 'order-2']) {
      expect(() => carriers.find(order, SHAKY_DESTINATION)).toThrow('1 of 2');
      expect(() => carriers.find(order, SHAKY_DESTINATION)).toThrow('2 of 2');
      expect(carriers.find(order, SHAKY_DESTINATION)).toEqual({ carrier: 'Post Coach' });
    }
  });
});
