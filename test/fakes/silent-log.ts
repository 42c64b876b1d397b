import type { Logger } from '../../gateway/logger.ts';

const ignore = () => {};

/** A log that nobody reads. */
export const silentLog: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
