import type { Command } from 'commander';

/** A command of `chatcluster`, whose code is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  /** For the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** All commands, in the order in which people need them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run a ChatCluster on this machine',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  {
    name: 'status',
    summary: 'show gateways, drains and decisions',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  {
    name: 'drain',
    summary: 'move all connections off a gateway and remove it',
    load: async () => (await import('./drain.ts')).drainCommand(),
  },
  {
    name: 'load',
    summary: 'run clients against a cluster and judge what they saw',
    load: async () => (await import('./load.ts')).loadCommand(),
  },
  {
    name: 'simulate',
    summary: 'run a ChatCluster in virtual time',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  {
    name: 'gateway',
    summary: 'run one gateway by itself',
    load: async () => (await import('./gateway.ts')).gatewayCommand(),
  },
];
