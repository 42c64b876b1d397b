import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, closeAction } from '../../../protocol/close-codes.ts';

describe('closeAction', () => {
  it('names what the client does for each code of the table', () => {
    for (const { code, action } of Object.values(CLOSE_CODES)) expect(closeAction(code)).toBe(action);
  });

  it('gives each code once', () => {
    const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([
    ['a code that nobody gave a meaning', 4999, 'back-off'],
    ['a drained gateway', 1012, 'reconnect'],
    ['a full gateway', 1013, 'back-off'],
    ['a bad token', 4401, 'give-up'],
  ])('%s', (_name, code, want) => {
    expect(closeAction(code)).toBe(want);
  });
});
