import type { LoggerService } from '@nestjs/common';

export interface LogLine {
  readonly level: 'debug' | 'verbose' | 'log' | 'warn' | 'error' | 'fatal';
  readonly context: string;
  readonly text: string;
  /** What stands beside the text. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Nest's log, kept for the test to read instead of printed. */
export class RecordingLogger implements LoggerService {
  readonly lines: LogLine[] = [];

  log = this.recorder('log');
  debug = this.recorder('debug');
  verbose = this.recorder('verbose');
  warn = this.recorder('warn');
  error = this.recorder('error');
  fatal = this.recorder('fatal');

  /** Those of the library about one saga or step, or about all. */
  of(context: string): readonly LogLine[] {
    return this.lines.filter((line) => line.context === context);
  }

  private recorder(level: LogLine['level']) {
    return (message: unknown, ...rest: unknown[]): void => {
      const context = typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : '';
      const fields = rest.find((part) => typeof part === 'object' && part !== null) as LogLine['fields'] | undefined;
      this.lines.push({ level, context, text: message instanceof Error ? message.message : String(message), fields: fields ?? {} });
    };
  }
}
