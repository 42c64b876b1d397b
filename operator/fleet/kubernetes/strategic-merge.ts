type Fields = Readonly<Record<string, unknown>>;

/**
 * Lists in a Pod whose items have a name of their own: the field by which Kubernetes' strategic merge tells them apart. All other lists are replaced.
 * `topologySpreadConstraints` has two keys in the API; as with kubectl, the first counts.
 */
const MERGE_KEYS: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['env', 'name'],
  ['ports', 'containerPort'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
  ['volumes', 'name'],
  ['imagePullSecrets', 'name'],
  ['hostAliases', 'ip'],
  ['schedulingGates', 'name'],
  ['resourceClaims', 'name'],
  ['topologySpreadConstraints', 'topologyKey'],
]);

/** Items that have one of several forms, of which only one may be there: the later item takes the place of the earlier. */
const REPLACED_ITEMS: ReadonlySet<string> = new Set(['env', 'volumes', 'resourceClaims']);

/** Fields under which merge keys mean nothing: people choose the names there. */
const OPAQUE: ReadonlySet<string> = new Set(['labels', 'annotations', 'nodeSelector', 'matchLabels', 'limits', 'requests']);

/**
 * A Pod's template with `patch` merged over it, as Kubernetes merges a strategic merge patch: objects field by field, named items by their name, other
 * lists as a whole. `null` takes a field away, `$patch: delete` a named item, `$patch: replace` puts an object or item in place of the whole other.
 */
export function strategicMerge<T extends object>(base: T, patch: object): T {
  return mergeFields(base as Fields, patch as Fields, '') as T;
}

function mergeFields(base: Fields, patch: Fields, within: string): Fields {
  const { $patch: directive, ...given } = patch;
  const merged: Record<string, unknown> = directive === 'replace' ? {} : { ...base };
  for (const [field, value] of Object.entries(given)) {
    if (field.startsWith('$')) continue;
    if (value === null) delete merged[field];
    else merged[field] = mergeValue(merged[field], value, OPAQUE.has(within) ? '' : field);
  }
  return merged;
}

function mergeValue(base: unknown, value: unknown, field: string): unknown {
  if (Array.isArray(value)) {
    const key = MERGE_KEYS.get(field);
    return key === undefined ? value : mergeItems(Array.isArray(base) ? base : [], value, key, field);
  }
  if (isFields(value)) return mergeFields(isFields(base) ? base : {}, value, field);
  return value;
}

/** Items of `base` keep their places; new ones come after them, in the order in which they were given. */
function mergeItems(base: readonly unknown[], items: readonly unknown[], key: string, field: string): readonly unknown[] {
  const merged = [...base];
  for (const item of items) {
    const index = isFields(item) ? merged.findIndex((other) => isFields(other) && other[key] === item[key]) : -1;
    if (!isFields(item) || (index < 0 && item.$patch === undefined)) merged.push(isFields(item) ? mergeFields({}, item, field) : item);
    else if (item.$patch === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else {
      const before = index < 0 || REPLACED_ITEMS.has(field) ? {} : (merged[index] as Fields);
      merged.splice(index < 0 ? merged.length : index, 1, mergeFields(before, item, field));
    }
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
