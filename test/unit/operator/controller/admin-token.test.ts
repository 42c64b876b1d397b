import { describe, expect, it } from 'vitest';
import { AdminToken } from '../../../../operator/controller/admin-token.ts';
import { type KubeObject, RESOURCES } from '../../../../operator/kube/object.ts';
import { KubeObjects } from '../../../fakes/kube-objects.ts';

const OWNER = { namespace: 'default', name: 'chat', uid: 'u' };
const NAME = 'chat-admin-token';
const MINUTE_MS = 60_000;

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const tokenIn = (objects: KubeObjects) => {
  const data = objects.peek<Secret>(RESOURCES.secrets, 'default', NAME)?.data;
  return Buffer.from(data?.token ?? '', 'base64').toString();
};

describe("the token for a ChatCluster's gateways", () => {
  it('is made once, and read once by each operator', async () => {
    const objects = new KubeObjects();
    const first = new AdminToken(objects, OWNER);
    const token = await first.get(0);
    expect(token).toBe(tokenIn(objects));
    await first.get(9 * MINUTE_MS);
    expect(await new AdminToken(objects, OWNER).get(0)).toBe(token);
    expect(objects.calls).toEqual([`get secrets ${NAME}`, `create secrets ${NAME}`, `get secrets ${NAME}`]);
  });

  it('is that of another operator which was quicker', async () => {
    const objects = new KubeObjects();
    const [a, b] = await Promise.all([new AdminToken(objects, OWNER).get(0), new AdminToken(objects, OWNER).get(0)]);
    expect(a).toBe(b);
  });

  it('comes back as it was when its Secret was deleted, for gateways that run have it', async () => {
    const objects = new KubeObjects();
    const token = new AdminToken(objects, OWNER);
    const before = await token.get(0);
    objects.remove(RESOURCES.secrets, 'default', NAME);
    expect(await token.get(11 * MINUTE_MS)).toBe(before);
    expect(tokenIn(objects)).toBe(before);
  });

  it('must be one that can be used', async () => {
    const objects = new KubeObjects();
    objects.put<Secret>(RESOURCES.secrets, { metadata: { name: NAME, namespace: 'default' }, data: { token: 'c2hvcnQ=' } });
    await expect(new AdminToken(objects, OWNER).get(0)).rejects.toThrow(
      `Secret ${NAME} has no "token" of at least 16 printable characters`,
    );
  });
});
