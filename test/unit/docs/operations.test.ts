import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GATEWAY_SETTINGS } from '../../../gateway/settings.ts';

const page = new URL('../../../docs/operations.md', import.meta.url).pathname;
const HEAD = '| variable | flag | default | meaning |\n|---|---|---|---|\n';

it('docs/operations.md has every setting with its default and meaning, as the code has them', async () => {
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(HEAD);
  const rows = GATEWAY_SETTINGS.map(
    ({ env, flag, default: preset, description }) =>
      `| \`${env}\` | ${flag === null ? 'none: a secret' : `\`${flag}\``} | ${preset === '' ? '–' : `\`${preset}\``} | ${description} |\n`,
  );
  await expect(before + HEAD + rows.join('') + after.replace(/^(\|.*\n)*/, '')).toMatchFileSnapshot(page);
});
