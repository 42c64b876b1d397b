import module from 'node:module';

// Before anything else is loaded, for it speeds up what is loaded after it (Node 22.8 and newer).
module.enableCompileCache?.();
const [{ runGateway }, { parseGatewaySettings }] = await Promise.all([import('./run.ts'), import('./settings.ts')]);

const result = parseGatewaySettings(process.env);
if (result.kind === 'invalid') {
  for (const problem of result.problems) console.error(problem);
  process.exit(2);
}
try {
  await runGateway(result.settings);
  // At once, not at the end: the next gateway starts before this one stops.
  setImmediate(() => module.flushCompileCache?.());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
