import { hash } from 'node:crypto';
import { HEAD, PAGE, PUBLISH, READ } from './scripts/channel.ts';
import { EXPIRE, JOIN, LEAVE, LIST } from './scripts/presence.ts';
import { RIGHTS } from './scripts/rights.ts';

/** A script, and the name by which a server that has loaded it knows it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: hash('sha1', text) });

/** All that a broker runs. Each but that for rights names one key, and tells listeners unless its first argument says that the caller does. */
export const SCRIPTS = {
  publish: script(PUBLISH),
  head: script(HEAD),
  read: script(READ),
  page: script(PAGE),
  join: script(JOIN),
  leave: script(LEAVE),
  list: script(LIST),
  expire: script(EXPIRE),
  rights: script(RIGHTS),
} as const;
