import { describe, expect, it } from 'vitest';
import { payload, readPayload } from '../../../load/payload.ts';

const content = { run: 'r1', message: 7, publisher: 3, sentAt: 12.5 };

describe('payload', () => {
  it.each([100, 128, 1000])('is %i bytes of JSON', (size) => {
    expect(JSON.stringify(payload(content, size))).toHaveLength(size);
  });

  it('is as long as it must be when less is asked for', () => {
    expect(payload(content, 10)).toEqual(content);
  });

  it.each([
    ['its own', payload(content, 200), content],
    ['of another run', { ...content, run: 'r2' }, null],
    ['text', 'hello', null],
    ['nothing', null, null],
    ['what has no number', { run: 'r1', publisher: 3, sentAt: 1 }, null],
  ])('reads %s', (_name, data, want) => {
    expect(readPayload(data, 'r1')).toEqual(want);
  });
});
