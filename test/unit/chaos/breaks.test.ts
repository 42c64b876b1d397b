import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BREAKAGES } from '../../chaos/break/breaks.ts';
import { replaced } from '../../chaos/break/patch.ts';
import { BREAKS } from '../../chaos/options.ts';

const PATCHES = BREAKS.flatMap((name) => [...BREAKAGES[name].gateway, ...BREAKAGES[name].client].map((patch) => ({ name, patch })));

test.each(PATCHES)('what breaks $name fits $patch.file as it is now', ({ patch }) => {
  const source = readFileSync(new URL(`../../../${patch.file}`, import.meta.url), 'utf8');
  expect(replaced(source, patch)).not.toBe(source);
});

test('a patch that fits nowhere, or twice, is an error that names the file', () => {
  const patch = { file: 'a.ts', find: /one/, put: 'two' };
  expect(replaced('take one', patch)).toBe('take two');
  expect(() => replaced('take none', { ...patch, find: /some/ })).toThrow('a.ts has 0 places that match /some/, not one');
  expect(() => replaced('one by one', patch)).toThrow('a.ts has 2 places');
});
