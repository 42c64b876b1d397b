import type { Progress } from './run.ts';
import { kept, type Verdict } from './verdict.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const seconds = (ms: number) => `${Math.round(ms / 1000)}s`;

/** One line of how a run goes. */
export function progressLine(progress: Progress): string {
  const { phase, elapsedMs, durationMs, clients, connected, sent, acknowledged, delivered, duplicated, reordered, gaps } = progress;
  const parts = [
    phase === 'running' ? `${seconds(elapsedMs)} of ${seconds(durationMs)}` : 'waiting for the rest',
    `${whole.format(connected)}/${whole.format(clients)} connected`,
    `sent ${whole.format(sent)}, acknowledged ${whole.format(acknowledged)}, delivered ${whole.format(delivered)}`,
    `${progress.reconnects} reconnects, ${progress.migrations} migrations`,
  ];
  if (duplicated + reordered + gaps > 0) parts.push(`${duplicated} duplicated, ${reordered} reordered, ${gaps} gaps`);
  return parts.join(' · ');
}

function lostInWords({ gaps, outstanding }: Verdict): string {
  const parts = [
    ...(gaps > 0 ? [`${whole.format(gaps)} gaps told`] : []),
    ...(outstanding > 0 ? [`${whole.format(outstanding)} might have come yet`] : []),
  ];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

/** The verdict for people, ended by a newline. */
export function verdictText(verdict: Verdict): string {
  const rows: readonly (readonly [string, string])[] = [
    ['sent', whole.format(verdict.sent)],
    ['acknowledged', whole.format(verdict.acknowledged) + (verdict.failed > 0 ? ` (${whole.format(verdict.failed)} given up)` : '')],
    ['delivered', whole.format(verdict.delivered)],
    ['lost', whole.format(verdict.lost) + lostInWords(verdict)],
    ['duplicated', whole.format(verdict.duplicated)],
    ['reordered', whole.format(verdict.reordered)],
    [
      'never came back',
      whole.format(verdict.neverCameBack) + (verdict.neverCame > 0 ? ` (${whole.format(verdict.neverCame)} never came)` : ''),
    ],
    ['latency', `p50 ${verdict.latencyMs.p50} ms, p99 ${verdict.latencyMs.p99} ms, max ${verdict.latencyMs.max} ms`],
    ['longest silence', `p99 ${verdict.longestSilenceMs.p99} ms, max ${verdict.longestSilenceMs.max} ms`],
    ['reconnects', whole.format(verdict.reconnects)],
    ['migrations', whole.format(verdict.migrations)],
    ['peak reconnects', `${whole.format(verdict.peakReconnectsPerSecond)} per second`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const promise = kept(verdict)
    ? 'Nothing lost, duplicated or reordered; all came back.'
    : 'The promises were not kept: lost, duplicated, reordered and never came back must all be 0.';
  return `${[...lines, '', promise].join('\n')}\n`;
}
