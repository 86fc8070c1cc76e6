import { Controller, Get } from '@nestjs/common';

/** Answers once the process listens, and it listens once it can work. */
@Controller('health')
export class HealthController {
  @Get()
  health() {
    return { status: 'ok' };
  }
}
