import { look } from '../output.ts';
import { readStatus } from './cluster-status.ts';
import { onKubernetes } from './command.ts';
import { renderExplanation } from './render-explanation.ts';
import type { KubeChoice } from './target.ts';

/** Says why there are this many gateways, and why the ones that go were chosen. */
export function explainOnKubernetes(name: string | undefined, choice: KubeChoice): Promise<void> {
  return onKubernetes(choice, async (connection) => {
    const found = await readStatus(connection, name, new AbortController().signal);
    process.stdout.write(`${renderExplanation(found, Date.now(), look())}\n`);
  });
}
