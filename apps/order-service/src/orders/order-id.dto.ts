import { Matches } from 'class-validator';

export const ID = /^[\w.-]{1,64}$/;
export const IS_NO_ID = { message: '$property must be 1 to 64 letters, digits, dots, dashes or underscores' };

export class OrderIdDto {
  @Matches(ID, IS_NO_ID) readonly orderId: string;
}
