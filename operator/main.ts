import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { runOperator } from './run.ts';
import { parseOperatorSettings } from './settings.ts';

const result = parseOperatorSettings(process.env, {}, `${hostname()}_${randomBytes(4).toString('hex')}`);
if (result.kind === 'invalid') {
  for (const problem of result.problems) console.error(problem);
  process.exit(2);
}
try {
  await runOperator(result.settings);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
