import { Matches } from 'class-validator';

export class CancelOrderDto {
  @Matches(/^\P{C}{1,200}$/u, { message: '$property must be 1 to 200 printable characters' }) readonly reason: string;
}
