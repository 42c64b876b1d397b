import type { Logger as Pino } from 'pino';

/** Where the parts that talk to Kubernetes log to: pino, or what a test puts in its place. */
export type Log = Pick<Pino, 'debug' | 'info' | 'warn' | 'error'>;
