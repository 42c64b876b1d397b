import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { isAlive } from '../leftovers.ts';

const NAMESPACES = '/run/netns';
const LINKS = '/sys/class/net';
const OURS = /^ccns([0-9a-z]+)-/;

/** What the names of a process's namespaces and links begin with: its id, in base 36, since a link's name has 15 characters at most. */
export function namePrefix(pid: number): string {
  return `ccns${pid.toString(36)}-`;
}

/** Removes the namespaces and links whose names begin with this, and kills what still runs inside. Synchronous, for the exit of a process. */
export function removeNetwork(ip: string, prefix: string): void {
  for (const name of namesIn(NAMESPACES).filter((name) => name.startsWith(prefix))) {
    for (const pid of output(ip, 'netns', 'pids', name).split('\n').filter(Boolean)) kill(Number(pid));
    output(ip, 'netns', 'del', name);
  }
  for (const name of namesIn(LINKS).filter((name) => name.startsWith(prefix))) output(ip, 'link', 'del', name);
}

/** Removes what runs left behind whose processes are gone. */
export function removeNetworksOfTheDead(ip: string): void {
  const pids = [...namesIn(NAMESPACES), ...namesIn(LINKS)]
    .flatMap((name) => OURS.exec(name)?.slice(1) ?? [])
    .map((pid) => Number.parseInt(pid, 36));
  for (const pid of new Set(pids)) if (!isAlive(pid)) removeNetwork(ip, namePrefix(pid));
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Another run that cleans up may have been quicker: what is gone already is no error. */
function output(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
