import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { commandFirst, headingOf, inOrder } from '../../../cli/program.ts';

describe('commandFirst', () => {
  it.each<[string, string, string]>([
    ['no option', 'status chat', 'status chat'],
    ['a namespace', '-n shop status chat', 'status -n shop chat'],
    ['values behind an equals sign', '--context=far --namespace=shop top', 'top --context=far --namespace=shop'],
    ['flags without a value', '--kube -A status -w', 'status --kube -A -w'],
    ['an option of the program itself', '--version', '--version'],
    ['an option that only a command has', '-w status', '-w status'],
    ['nothing but options', '-n shop', '-n shop'],
    ['an option without its value', 'status -n', 'status -n'],
  ])('puts the command before %s', (_, given, want) => {
    expect(commandFirst(given.split(' ')).join(' ')).toBe(want);
  });

  it('leaves no arguments as they are', () => expect(commandFirst([])).toEqual([]));
});

describe('the list of commands', () => {
  it('has those for clusters on Kubernetes first when kubectl calls', () => {
    const names = inOrder(COMMANDS, 'kubectl chatcluster').map(({ name }) => name);
    expect(names.slice(0, 8)).toEqual(['status', 'top', 'explain', 'drain', 'uncordon', 'rebalance', 'pause', 'resume']);
    expect(names.toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
  });

  it('begins with "up" otherwise', () => expect(inOrder(COMMANDS, 'chatcluster')[0]?.name).toBe('up'));

  it.each([
    ['kubernetes', 'chatcluster', /^On Kubernetes only/],
    ['both', 'chatcluster', /^Commands:/],
    ['kubernetes', 'kubectl chatcluster', /^Commands:/],
    ['none', 'kubectl chatcluster', /^Other commands:/],
  ] as const)('has those with home %s, for %s, under a heading of their own', (home, program, heading) => {
    expect(headingOf(home, program)).toMatch(heading);
  });
});
