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

  it('fail twice on a shaky route, and then go: for each parcel anew', () => {
    const carriers = new Carriers();
    for (const parcel of ['order-1 from north', 'order-1 from south']) {
      expect(() => carriers.find(parcel, SHAKY_DESTINATION)).toThrow('1 of 2');
      expect(() => carriers.find(parcel, SHAKY_DESTINATION)).toThrow('2 of 2');
      expect(carriers.find(parcel, SHAKY_DESTINATION)).toEqual({ carrier: 'Post Coach' });
    }
  });
});
