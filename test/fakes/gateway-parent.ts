import { fork } from 'node:child_process';
import { GATEWAY_ENTRY } from './gateway-process.ts';

/** A parent of one gateway: says the child's pid when that is ready, and lives until it is killed. */
const child = fork(GATEWAY_ENTRY, [], {
  env: { CHATCLUSTER_CHILD: '1', CHATCLUSTER_ADMIN_PORT: '0' },
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
child.on('message', ({ kind }: { kind: string }) => {
  if (kind === 'ready') console.log(`ready ${child.pid}`);
});
