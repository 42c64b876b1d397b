import { registerHooks } from 'node:module';

/** A piece of a source file, which must be there exactly once, and what takes its place. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  readonly find: RegExp;
  readonly put: string;
}

/** From now on these files are loaded with their pieces replaced. A file whose piece is not there once can't be loaded: it throws a line that says so. */
export function applyPatches(patches: readonly Patch[]): void {
  const byUrl = Map.groupBy(patches, ({ file }) => new URL(`../../../${file}`, import.meta.url).href);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const own = byUrl.get(url);
      if (own === undefined) return loaded;
      const { source } = loaded;
      return { ...loaded, source: own.reduce(replaced, typeof source === 'string' ? source : new TextDecoder().decode(source)) };
    },
  });
}

/** A source with a piece replaced; throws when the piece is not there exactly once. */
export function replaced(source: string, { file, find, put }: Patch): string {
  const found = source.match(new RegExp(find, 'g'))?.length ?? 0;
  if (found !== 1) {
    throw new Error(`${file} has ${found} places that match ${find}, not one: fit the patch of test/chaos/break to what the file is now.`);
  }
  return source.replace(find, () => put);
}
