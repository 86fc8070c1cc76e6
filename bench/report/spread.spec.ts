import { percentile, spreadOf } from './spread.js';

describe('spreadOf', () => {
  it('gives the middle one of an odd number, whatever their order', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
  });

  it('gives the middle of the two middle ones of an even number', () => {
    expect(spreadOf([10, 1, 2, 4])).toEqual({ median: 3, min: 1, max: 10 });
  });

  it('leaves out what was not measured, and gives nothing where nothing was', () => {
    expect(spreadOf([undefined, 7])).toEqual({ median: 7, min: 7, max: 7 });
    expect(spreadOf([undefined])).toBeUndefined();
  });
});

describe('percentile', () => {
  it('is one of the values: half of four are two, and 99 of a hundred leave out the last', () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.99,
      ),
    ).toBe(99);
  });
});
