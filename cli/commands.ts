import type { Command } from 'commander';
import type { Home, Program } from './program.ts';

/** A command of `chatcluster`, whose code is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  /** For the list of commands. */
  readonly summary: string;
  readonly home: Home;
  readonly load: (program: Program) => Promise<Command>;
}

/** All commands, in the order in which people need them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run a ChatCluster on this machine',
    home: 'none',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  {
    name: 'status',
    summary: 'show gateways, drains and decisions',
    home: 'both',
    load: async (program) => (await import('./status.ts')).statusCommand(program),
  },
  {
    name: 'top',
    summary: 'show what each gateway does now',
    home: 'kubernetes',
    load: async (program) => (await import('./top.ts')).topCommand(program),
  },
  {
    name: 'explain',
    summary: 'say why there are this many gateways, and why this one goes',
    home: 'kubernetes',
    load: async (program) => (await import('./explain.ts')).explainCommand(program),
  },
  {
    name: 'drain',
    summary: 'move all connections off a gateway and remove it',
    home: 'both',
    load: async (program) => (await import('./drain.ts')).drainCommand(program),
  },
  {
    name: 'uncordon',
    summary: 'take a drain back',
    home: 'both',
    load: async (program) => (await import('./uncordon.ts')).uncordonCommand(program),
  },
  {
    name: 'rebalance',
    summary: 'even out the connections now',
    home: 'kubernetes',
    load: async (program) => (await import('./rebalance.ts')).rebalanceCommand(program),
  },
  {
    name: 'pause',
    summary: 'stop scaling, up or down or both',
    home: 'kubernetes',
    load: async (program) => (await import('./pause.ts')).pauseCommand(program),
  },
  {
    name: 'resume',
    summary: 'let scaling go on',
    home: 'kubernetes',
    load: async (program) => (await import('./pause.ts')).resumeCommand(program),
  },
  {
    name: 'load',
    summary: 'run clients against a cluster and judge what they saw',
    home: 'none',
    load: async () => (await import('./load.ts')).loadCommand(),
  },
  {
    name: 'record',
    summary: 'write down what a cluster goes through, to replay it',
    home: 'both',
    load: async (program) => (await import('./record.ts')).recordCommand(program),
  },
  {
    name: 'simulate',
    summary: 'run a ChatCluster in virtual time, others beside it',
    home: 'none',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  {
    name: 'gateway',
    summary: 'run one gateway by itself',
    home: 'none',
    load: async () => (await import('./gateway.ts')).gatewayCommand(),
  },
  {
    name: 'operator',
    summary: 'run the operator of a Kubernetes cluster',
    home: 'none',
    load: async () => (await import('./operator.ts')).operatorCommand(),
  },
];
