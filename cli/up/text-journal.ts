import type { Decision } from '../../operator/status/status.ts';
import type { Journal, Started } from './journal.ts';

/** For people: a few lines at the start, then one for each thing that happens. */
export class TextJournal implements Journal {
  readonly #write: (text: string) => void;
  readonly #paint: (codes: string, text: string) => string;
  readonly #now: () => Date;

  constructor(write: (text: string) => void, color: boolean, now: () => Date = () => new Date()) {
    this.#write = write;
    this.#paint = (codes, text) => (color && codes !== '' ? `\x1b[${codes}m${text}\x1b[0m` : text);
    this.#now = now;
  }

  started({ cluster: { name, spec }, file, url, broker }: Started): void {
    const { minReplicas, maxReplicas } = spec.scaling;
    const bold = (text: string) => this.#paint('1', text);
    const size = minReplicas === maxReplicas ? `${minReplicas}` : `${minReplicas} to ${maxReplicas}`;
    this.#write(
      [
        `${bold(`ChatCluster ${name}`)}: ${size} gateways of ${spec.gateway.connectionsPerGateway} connections (${file})`,
        '',
        `  Chat       ${bold(`${url}/`)}`,
        `  Dashboard  ${bold(`${url}/dashboard`)}`,
        `  Broker     ${broker}`,
        `  Give it work with: npx chatcluster load --url ${url} --clients 2000 --channels 200 --rate 200`,
        '',
        'Edit and save the file to change the cluster. Ctrl-C stops it.',
        '',
        '',
      ].join('\n'),
    );
  }

  decided({ kind, summary, reasons }: Decision): void {
    const [reason = ''] = reasons;
    // The summary of a number of gateways has its first reason already.
    this.#line(reason === '' || summary.endsWith(reason) ? summary : `${summary}: ${reason}`, kind === 'scale' ? '1' : '');
  }

  applied(text: string): void {
    this.#line(text, '32');
  }

  problem(text: string): void {
    for (const line of text.split('\n')) this.#line(line, '33');
  }

  wrote(gateway: string, line: string): void {
    this.#line(`${gateway} | ${messageOf(line)}`, '2');
  }

  stopping(text: string): void {
    this.#line(text, '1');
  }

  stopped(): void {
    this.#line('stopped', '1');
  }

  #line(text: string, codes: string): void {
    this.#write(`${this.#paint('2', this.#now().toTimeString().slice(0, 8))}  ${this.#paint(codes, text)}\n`);
  }
}

/** The words of a line of JSON log; another line as it is. */
function messageOf(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } };
    const words = [msg, err?.message].filter((part) => typeof part === 'string' && part !== '');
    return words.length > 0 ? [...new Set(words)].join(': ') : line;
  } catch {
    return line;
  }
}
