import module from 'node:module';

/**
 * TypeScript without its types: JavaScript that a browser runs. Only a checkout needs it, which runs on a Node that can.
 * Node calls its function experimental, once, on stderr; that is no news for those who use ChatCluster, so it is not passed on.
 */
export function stripTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return module.stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
