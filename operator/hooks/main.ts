import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { KubeApi } from '../kube/api.ts';
import { removeClusters } from './remove-clusters.ts';
import { upgradeCrd } from './upgrade-crd.ts';

/**
 * What the chart's Jobs run. `upgrade-crd FILE`; or `remove-clusters` with `--namespaces a,b` (left out: all), `--own namespace/name,…`,
 * `--others Refuse|Delete` and `--timeout-seconds N`. Exits with 1 when what it was for is not so.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      namespaces: { type: 'string', default: '' },
      own: { type: 'string', default: '' },
      others: { type: 'string', default: 'Refuse' },
      'timeout-seconds': { type: 'string', default: '600' },
    },
  });
  const api = await KubeApi.load();
  try {
    const [command, file = ''] = positionals;
    if (command === 'upgrade-crd') return await upgrade(api, file);
    if (command === 'remove-clusters') return await remove(api, values);
    throw new Error(`"${command ?? ''}" is not known here; give upgrade-crd or remove-clusters.`);
  } finally {
    api.close();
  }
}

async function upgrade(api: KubeApi, file: string): Promise<number> {
  const result = await upgradeCrd(api, parse(readFileSync(file, 'utf8')));
  switch (result.kind) {
    case 'absent':
      console.log('There is no CustomResourceDefinition of ChatClusters, so none is upgraded.');
      return 0;
    case 'unchanged':
      console.log('The CustomResourceDefinition of ChatClusters is as it should be.');
      return 0;
    case 'upgraded':
      console.log('The CustomResourceDefinition of ChatClusters was upgraded.');
      return 0;
    case 'older':
      console.error(
        `ChatClusters are stored as ${result.versions.join(', ')}, which this chart does not know: it is older than what is installed. Use a newer chart, or set crds.upgrade=false.`,
      );
      return 1;
  }
}

interface RemovalOptions {
  readonly namespaces: string;
  readonly own: string;
  readonly others: string;
  readonly 'timeout-seconds': string;
}

async function remove(api: KubeApi, options: RemovalOptions): Promise<number> {
  const namespaces = listed(options.namespaces);
  const removal = {
    namespaces: namespaces.length === 0 ? null : namespaces,
    own: listed(options.own),
    others: options.others === 'Delete' ? 'Delete' : 'Refuse',
    timeoutMs: Number(options['timeout-seconds']) * 1_000,
  } as const;
  const result = await removeClusters(api, removal, (left) => console.log(`Draining: ${left.join(', ')}`));
  switch (result.kind) {
    case 'removed':
      console.log('No ChatCluster is left.');
      return 0;
    case 'refused':
      console.error(
        `There are ChatClusters that this release did not make: ${result.left.join(', ')}. Delete them first (kubectl delete chatcluster NAME -n NAMESPACE), or set uninstall.chatClusters=Delete with helm upgrade. To leave their gateways running with no operator: helm uninstall --no-hooks.`,
      );
      return 1;
    case 'late':
      console.error(`These still drain: ${result.left.join(', ')}. Nothing is lost; uninstall again, with a longer uninstall.timeout.`);
      return 1;
  }
}

function listed(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
