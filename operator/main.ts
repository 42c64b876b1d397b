import module from 'node:module';

// Before anything else is loaded, for it speeds up what is loaded after it (Node 22.8 and newer).
module.enableCompileCache?.();
const [{ randomBytes }, { hostname }, { runOperator }, { parseOperatorSettings }] = await Promise.all([
  import('node:crypto'),
  import('node:os'),
  import('./run.ts'),
  import('./settings.ts'),
]);

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
