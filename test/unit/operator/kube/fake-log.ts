import type { Log } from '../../../../operator/kube/log.ts';

/** A log that a test reads: the texts of its lines, by level. */
export class FakeLog implements Log {
  readonly lines: string[] = [];
  readonly debug = this.#write('debug');
  readonly info = this.#write('info');
  readonly warn = this.#write('warn');
  readonly error = this.#write('error');

  #write(level: string) {
    return (first: unknown, second?: unknown) => {
      this.lines.push(`${level}: ${typeof first === 'string' ? first : second}`);
    };
  }
}
