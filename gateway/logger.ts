import type { Logger as Pino } from 'pino';

/** Where the gateway's parts log to: pino, or what a test puts in its place. */
export type Logger = Pick<Pino, 'debug' | 'info' | 'warn' | 'error'>;
