// Loaded before a node (node --import): the wall clock of its machine is wrong by WRONG_BY_MS.
const RealDate = Date;
const wrongByMs = Number(process.env['WRONG_BY_MS']);

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + wrongByMs] : given));
  }

  static now() {
    return RealDate.now() + wrongByMs;
  }
};
