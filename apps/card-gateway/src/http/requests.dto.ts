import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';

export class AuthorizationDto {
  /** What the charge is for, in the shop's words. */
  @IsString() @IsNotEmpty() readonly reference: string;
  @IsString() @IsNotEmpty() readonly card: string;
  @IsInt() @Min(1) readonly cents: number;
}

export class CaptureDto {
  @IsString() @IsNotEmpty() readonly authorizationId: string;
}

export class VoidDto {
  /** The idempotency key under which the authorization was asked for. */
  @IsString() @IsNotEmpty() readonly authorizationKey: string;
}
