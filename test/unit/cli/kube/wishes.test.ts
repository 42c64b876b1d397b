import { describe, expect, it } from 'vitest';
import { progressText } from '../../../../cli/kube/drain.ts';
import { annotationOf, changed, pausedText } from '../../../../cli/kube/pause.ts';
import { controlsOf } from '../../../../operator/api/controls.ts';
import type { ResourceDrain } from '../../../../operator/status/resource-status.ts';
import { drain, paused } from '../../../fakes/kube-resources.ts';

const none = { up: false, down: false };
const up = { up: true, down: false };
const down = { up: false, down: true };
const both = { up: true, down: true };

describe('pausing and resuming', () => {
  it.each([
    ['pause', none, up, up],
    ['pause', none, both, both],
    ['pause', down, up, both],
    ['pause', both, up, both],
    ['resume', both, up, down],
    ['resume', both, both, none],
    ['resume', up, down, up],
    ['resume', none, both, none],
  ] as const)('%s changes %o by %o to %o', (verb, before, directions, want) => {
    expect(changed(before, verb, directions)).toEqual(want);
  });

  it.each([none, up, down, both])('writes %o so that the operator reads it', (directions) => {
    const annotation = annotationOf(directions);
    expect(controlsOf({ annotations: annotation === null ? {} : paused(annotation) }).paused).toEqual(directions);
  });

  it.each([
    [none, /goes on/],
    [up, /no gateway is added/],
    [down, /no gateway is removed/],
    [both, /stays as it is/],
  ])('%o is told', (directions, text) => expect(pausedText('chat', directions)).toMatch(text));
});

describe('the progress of a drain', () => {
  it.each<[string, ResourceDrain | undefined, string]>([
    ['one that goes on', drain(), 'chat-2: 700 of 1,400 connections left, 50/s, empty in 14 s'],
    ['a slow one', drain({ ratePerSecond: 0.5, etaSeconds: 1_400 }), 'chat-2: 700 of 1,400 connections left, 0.5/s, empty in 23 min 20 s'],
    ['one that waits', { ...drain({ ratePerSecond: 0 }), etaSeconds: undefined }, 'chat-2: 700 of 1,400 connections left, waits for room'],
    ['one that has not begun', undefined, 'chat-2: not begun, until the operator has seen it and the others have room'],
  ])('%s', (_, given, want) => expect(progressText('chat-2', given)).toBe(want));
});
