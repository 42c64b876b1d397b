import { expect, it } from 'vitest';
import { TextJournal } from '../../../../cli/up/text-journal.ts';
import type { Decision } from '../../../../operator/status/status.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

const NOON = new Date(2026, 0, 1, 12, 0, 0);

function written(tell: (journal: TextJournal) => void): string {
  let text = '';
  tell(
    new TextJournal(
      (more) => {
        text += more;
      },
      false,
      () => NOON,
    ),
  );
  return text;
}

const decision = (changes: Partial<Decision>): Decision => ({ at: 0, kind: 'scale', gateway: null, summary: '', reasons: [], ...changes });

const table: readonly (readonly [name: string, tell: (journal: TextJournal) => void, want: string])[] = [
  [
    'a scaling decision, whose summary has its reason',
    (journal) => journal.decided(decision({ summary: '5 gateways: 2000 connections / 400', reasons: ['2000 connections / 400'] })),
    '12:00:00  5 gateways: 2000 connections / 400\n',
  ],
  [
    'that nothing can be decided, and why',
    (journal) => journal.decided(decision({ summary: 'cannot decide', reasons: ['no gateway answers'] })),
    '12:00:00  cannot decide: no gateway answers\n',
  ],
  [
    'what is done to a gateway, with its reason',
    (journal) =>
      journal.decided(decision({ kind: 'drain', gateway: 'local-1', summary: 'drain local-1', reasons: ['fewest connections'] })),
    '12:00:00  drain local-1: fewest connections\n',
  ],
  ['each error of an edit on a line', (journal) => journal.problem('a: 1\nb: 2'), '12:00:00  a: 1\n12:00:00  b: 2\n'],
  [
    'the words of what a gateway logs',
    (journal) => journal.wrote('local-1', '{"level":50,"msg":"the broker is gone","err":{"message":"ECONNRESET"}}'),
    '12:00:00  local-1 | the broker is gone: ECONNRESET\n',
  ],
  ['the same words once', (journal) => journal.wrote('g', '{"msg":"x","err":{"message":"x"}}'), '12:00:00  g | x\n'],
  ['a line that is no JSON', (journal) => journal.wrote('g', '{ no'), '12:00:00  g | { no\n'],
  ['JSON without words', (journal) => journal.wrote('g', '{"a":1}'), '12:00:00  g | {"a":1}\n'],
];
it.each(table)('writes %s', (_, tell, want) => {
  expect(written(tell)).toBe(want);
});

it('begins with the addresses and the broker', () => {
  const text = written((journal) =>
    journal.started({
      cluster: cluster({ gateway: { connectionsPerGateway: 500 } }),
      file: 'x.yaml',
      url: 'http://127.0.0.1:1234',
      broker: 'redis://r:6379/0',
    }),
  );
  expect(text).toContain('ChatCluster chat: 2 to 10 gateways of 500 connections (x.yaml)');
  expect(text).toContain('http://127.0.0.1:1234/dashboard');
  expect(text).toMatch(/Broker +redis:\/\/r:6379\/0\n/);
});
