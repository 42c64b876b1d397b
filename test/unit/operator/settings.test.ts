import { describe, expect, it } from 'vitest';
import { OPERATOR_SETTINGS, type OperatorSettings, parseOperatorSettings } from '../../../operator/settings.ts';

const IMAGE = { CHATCLUSTER_GATEWAY_IMAGE: 'chatcluster:test' };
type Flags = Parameters<typeof parseOperatorSettings>[1];

function settings(env: Record<string, string>, flags: Flags = {}): OperatorSettings {
  const result = parseOperatorSettings({ ...IMAGE, ...env }, flags, 'host_1');
  if (result.kind === 'invalid') throw new Error(result.problems.join('\n'));
  return result.settings;
}

describe('settings of the operator', () => {
  it('need nothing but the image of the gateways', () => {
    expect(settings({})).toEqual({
      namespaces: null,
      leaseNamespace: '',
      leaseName: 'chatcluster-operator',
      leaseDurationMs: 15_000,
      identity: 'host_1',
      gatewayImage: 'chatcluster:test',
      httpHost: '0.0.0.0',
      httpPort: 9091,
      kubeconfig: '',
      context: '',
      serviceAccountFolder: '/var/run/secrets/kubernetes.io/serviceaccount',
      logLevel: 'info',
    });
  });

  it('name all namespaces, or some, each once', () => {
    expect(settings({ CHATCLUSTER_NAMESPACES: '*' }).namespaces).toBeNull();
    expect(settings({ CHATCLUSTER_NAMESPACES: 'chat, support,chat' }).namespaces).toEqual(['chat', 'support']);
  });

  it('come from flags before the environment, and what is empty counts as not given', () => {
    const env = { CHATCLUSTER_LEASE_NAME: 'one', CHATCLUSTER_HTTP_PORT: '', CHATCLUSTER_IDENTITY: 'me' };
    const { leaseName, httpPort, identity } = settings(env, { leaseName: 'two', httpPort: '0', identity: '' });
    expect({ leaseName, httpPort, identity }).toEqual({ leaseName: 'two', httpPort: 0, identity: 'me' });
  });

  it('are refused all at once, each with its name, its value and the remedy', () => {
    const env = { CHATCLUSTER_NAMESPACES: 'chat,,x', CHATCLUSTER_LEASE_DURATION_MS: '1s', CHATCLUSTER_LOG_LEVEL: 'loud' };
    const result = parseOperatorSettings(env, { httpPort: '70000' }, 'host_1');
    expect(result).toEqual({
      kind: 'invalid',
      problems: [
        'CHATCLUSTER_NAMESPACES is "chat,,x"; give names of namespaces with commas between, such as "chat,support", or * for all.',
        'CHATCLUSTER_LEASE_DURATION_MS is "1s"; give a whole number from 3000 to 300000.',
        'CHATCLUSTER_GATEWAY_IMAGE is missing; give the reference of an image, such as "registry.example.com/chatcluster:1.0".',
        '--http-port is "70000"; give a whole number from 0 to 65535.',
        'CHATCLUSTER_LOG_LEVEL is "loud"; give one of trace, debug, info, warn, error, fatal, silent.',
      ],
    });
  });

  it('have defaults that are valid themselves, and names of their own', () => {
    for (const { key, default: preset } of OPERATOR_SETTINGS) if (preset) expect(() => settings({}, { [key]: preset })).not.toThrow();
    expect(new Set(OPERATOR_SETTINGS.map(({ env }) => env)).size).toBe(OPERATOR_SETTINGS.length);
  });
});
