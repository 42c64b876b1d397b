import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REDIS_DEFAULTS, type RedisSettings, redisAccess } from '../../../../gateway/broker/redis-settings.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('redisAccess', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-settings-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const access = (url: string, settings: Partial<RedisSettings> = {}) => redisAccess(url, { ...REDIS_DEFAULTS, ...settings });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it('has the password from the settings, the user from the URL', async () => {
    expect((await access('redis://chat@r', { redisPassword: 'pw' })).access).toEqual({
      username: 'chat',
      password: 'pw',
      database: 0,
      tls: null,
    });
  });

  it('has credentials of its own for the Sentinels', async () => {
    const settings = { redisSentinelUsername: 'u', redisSentinelPassword: 'p' };
    expect((await access('redis+sentinel://:pw@a/main', settings)).access).toEqual({
      password: 'pw',
      sentinelUsername: 'u',
      sentinelPassword: 'p',
      database: 0,
      tls: null,
    });
  });

  it('has the texts of the files for TLS, or none', async () => {
    const [ca, cert, key] = [await file('ca', `# ours\n${PEM}`), await file('cert', PEM), await file('key', PEM)];
    const settings = { redisCaFile: ca, redisCertFile: cert, redisKeyFile: key };
    expect((await access('rediss://r', settings)).access.tls).toEqual({ ca: `# ours\n${PEM}`, cert: PEM, key: PEM });
    expect((await access('rediss://r')).access.tls).toEqual({});
  });

  it('says which file can not be used, and why', async () => {
    const none = join(folder, 'none');
    await expect(access('rediss://r', { redisCaFile: none })).rejects.toThrow(
      `CHATCLUSTER_REDIS_CA_FILE is "${none}", which can't be read (ENOENT); name a PEM file.`,
    );
    await expect(access('rediss://r', { redisCaFile: folder })).rejects.toThrow(`which can't be read (EISDIR); name a PEM file.`);
    const der = await file('der', '0\u0082');
    await expect(access('rediss://r', { redisCaFile: der })).rejects.toThrow(
      `CHATCLUSTER_REDIS_CA_FILE is "${der}", which is not PEM; name a file with "-----BEGIN".`,
    );
  });

  it('refuses what contradicts itself', async () => {
    await expect(access('redis://:pw@r', { redisPassword: 'pw2' })).rejects.toThrow('take one away');
    await expect(access('redis://')).rejects.toThrow('"redis://" names no host');
  });
});
