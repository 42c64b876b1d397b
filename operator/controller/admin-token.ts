import { randomBytes } from 'node:crypto';
import { NAMES } from '../api/names.ts';
import { adminTokenSecret, type Owner } from '../fleet/kubernetes/owned.ts';
import { ADMIN_TOKEN_KEY } from '../fleet/kubernetes/pod-template.ts';
import type { KubeApi } from '../kube/api.ts';
import { KubeError } from '../kube/error.ts';
import { type KubeObject, RESOURCES } from '../kube/object.ts';

/** So often it is looked whether the Secret is still there, ms. */
const LOOK_MS = 10 * 60_000;

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The token that the operator shows to a ChatCluster's gateways. It stands in a Secret that is made once and never changed by us. A Secret that was
 * deleted comes back with the same token, for the gateways that run have it.
 */
export class AdminToken {
  readonly #api: Pick<KubeApi, 'get' | 'create'>;
  readonly #owner: Owner;
  #token: string | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(api: Pick<KubeApi, 'get' | 'create'>, owner: Owner) {
    this.#api = api;
    this.#owner = owner;
  }

  /** `now`: monotonic, ms. */
  async get(now: number): Promise<string> {
    if (this.#token !== null && now - this.#lookedAt < LOOK_MS) return this.#token;
    const token = (await this.#read()) ?? (await this.#create(this.#token ?? randomBytes(32).toString('base64url')));
    this.#lookedAt = now;
    this.#token = token;
    return token;
  }

  async #read(): Promise<string | null> {
    const name = NAMES.adminToken(this.#owner.name);
    const secret = await this.#api.get<Secret>(RESOURCES.secrets, this.#owner.namespace, name);
    if (secret === null) return null;
    const token = Buffer.from(secret.data?.[ADMIN_TOKEN_KEY] ?? '', 'base64').toString();
    if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
    throw new Error(
      `Secret ${name} has no "${ADMIN_TOKEN_KEY}" of at least 16 printable characters without spaces; put one there, or delete the Secret and it is made anew.`,
    );
  }

  async #create(token: string): Promise<string> {
    try {
      await this.#api.create(RESOURCES.secrets, this.#owner.namespace, adminTokenSecret(this.#owner, token));
      return token;
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'already-exists') throw error;
      return (await this.#read()) ?? token;
    }
  }
}
