/** What is missing to read kubeconfigs, for people; `null`: nothing. The library for them (its undici) can't be loaded before 22.19; the rest runs on older ones. */
export function kubeconfigsNeed(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return null;
  return `A kubeconfig needs Node 22.19 or newer; this is ${version}.`;
}
