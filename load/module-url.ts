/** The module `name` beside the one whose `import.meta.url` is given: TypeScript in a checkout, JavaScript in the build. */
export function moduleUrl(name: string, here: string): URL {
  return new URL(`./${name}.${here.endsWith('.ts') ? 'ts' : 'js'}`, here);
}
