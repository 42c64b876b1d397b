// `helm test`: one operator answers, is ready, and one of them acts; the chart's Valkey answers.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const { OPERATOR, VALKEY } = process.env;
const TRIES = 30;

async function operatorActs() {
  const ready = await fetch(`${OPERATOR}/readyz`);
  if (!ready.ok) throw new Error(`${OPERATOR}/readyz answers ${ready.status}: ${await ready.text()}`);
  // The Service chooses one of them, and only one acts.
  for (let asked = 0; asked < 20; asked++) {
    const metrics = await (await fetch(`${OPERATOR}/metrics`, { headers: { connection: 'close' } })).text();
    if (/^chatcluster_lease_held 1$/m.test(metrics)) return;
  }
  throw new Error('No operator holds the Lease.');
}

function valkeyAnswers() {
  return new Promise((resolve, reject) => {
    const socket = connect(6379, VALKEY, () => socket.write('PING\r\n'));
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${VALKEY} does not answer.`)));
    socket.on('error', reject);
    socket.on('data', (data) => {
      socket.end();
      if (String(data).startsWith('+PONG')) resolve();
      else reject(new Error(`${VALKEY} answers ${data}`));
    });
  });
}

async function passes(what, check) {
  for (let left = TRIES; ; left--) {
    try {
      await check();
      console.log(`ok: ${what}`);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(1_000);
    }
  }
}

await passes('an operator is ready, and one acts', operatorActs);
if (VALKEY) await passes('Valkey answers', valkeyAnswers);
