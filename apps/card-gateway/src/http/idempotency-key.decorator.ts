import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** The `Idempotency-Key` header. Without one a request that is sent twice would charge twice, so it is a 400. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const key = context.switchToHttp().getRequest<Request>().header('idempotency-key');
  if (!key) throw new BadRequestException('give an Idempotency-Key header');
  return key;
});
