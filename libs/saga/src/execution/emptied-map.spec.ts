import { EmptiedMap } from './emptied-map.js';

describe('a map of what comes and goes', () => {
  it('is a map', () => {
    const map = new EmptiedMap<number>();
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([map.size, map.get('a'), map.get('none'), map.keys(), map.values()]).toEqual([2, 3, undefined, ['a', 'b'], [3, 2]]);
    map.delete('a');
    map.delete('none');
    expect([map.size, map.get('a'), map.keys(), map.values()]).toEqual([1, undefined, ['b'], [2]]);
  });
});
