import { Matches } from 'class-validator';

const TEXT = /^\P{C}{1,200}$/u;
const IS_NO_TEXT = { message: '$property must be 1 to 200 printable characters' };

export class ApproveOrderDto {
  /** Who: it is kept with the order. */
  @Matches(TEXT, IS_NO_TEXT) readonly by: string;
}

export class DeclineOrderDto extends ApproveOrderDto {
  @Matches(TEXT, IS_NO_TEXT) readonly reason: string;
}
