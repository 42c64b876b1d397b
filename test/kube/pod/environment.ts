import type { Api } from '../api.ts';
import type { Container, Pod, Variable } from './pod.ts';
import { ConfigError, readField, readSource } from './sources.ts';

export interface PodPlace {
  readonly ip: string;
  readonly hostIp: string;
}

/** The variables that a container's spec gives it. Rejects with `ConfigError` when a Secret, ConfigMap or key isn't there. */
export async function environmentOf(api: Api, pod: Pod, container: Container, place: PodPlace): Promise<Record<string, string>> {
  const { namespace } = pod.metadata;
  const env: Record<string, string> = {};
  for (const { prefix = '', secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef !== undefined) addAll(env, prefix, await readSource(api, 'secrets', namespace, secretRef));
    if (configMapRef !== undefined) addAll(env, prefix, await readSource(api, 'configmaps', namespace, configMapRef));
  }
  for (const variable of container.env ?? []) {
    const value = await valueOfVariable(api, pod, variable, place, env);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** Puts the values of variables where a text has `$(NAME)`; `$$` stands for `$`, and what isn't known stays. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\$|\(([^)]+)\))/g, (found, name?: string) => (name === undefined ? '$' : (env[name] ?? found)));
}

function addAll(env: Record<string, string>, prefix: string, values: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(values)) env[`${prefix}${key}`] = value;
}

async function valueOfVariable(
  api: Api,
  pod: Pod,
  { name, value, valueFrom }: Variable,
  { ip, hostIp }: PodPlace,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  if (valueFrom === undefined) return expand(value ?? '', env);
  const { fieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef !== undefined) return readField(pod, ip, hostIp, fieldRef.fieldPath);
  const reference = secretKeyRef ?? configMapKeyRef;
  if (reference === undefined) throw new ConfigError(`this node doesn't know where the variable ${name} comes from`);
  const values = await readSource(api, secretKeyRef === undefined ? 'configmaps' : 'secrets', pod.metadata.namespace, reference);
  const found = values?.[reference.key];
  if (found === undefined && reference.optional !== true) throw new ConfigError(`couldn't find key ${reference.key} in ${reference.name}`);
  return found;
}
