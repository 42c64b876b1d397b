import type { Item } from '../api.ts';

/** What of a Pod a node reads. */
export interface Pod extends Item {
  readonly metadata: Item['metadata'] & { readonly namespace: string };
  readonly spec: PodSpec;
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly { readonly prefix?: string; readonly secretRef?: Reference; readonly configMapRef?: Reference }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: Reference & { readonly key: string };
    readonly configMapKeyRef?: Reference & { readonly key: string };
  };
}

/** Of a Secret or ConfigMap in the Pod's namespace. */
export interface Reference {
  readonly name: string;
  readonly optional?: boolean;
}

interface KeyToPath {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean };
  readonly configMap?: Reference & { readonly items?: readonly KeyToPath[] };
  readonly emptyDir?: object;
  readonly projected?: {
    readonly sources: readonly {
      readonly secret?: Reference & { readonly items?: readonly KeyToPath[] };
      readonly configMap?: Reference & { readonly items?: readonly KeyToPath[] };
      readonly serviceAccountToken?: { readonly path: string };
      readonly downwardAPI?: object;
    }[];
  };
}

/** Times in seconds. */
export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port: number | string };
  readonly tcpSocket?: { readonly port: number | string };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What an image would be: how its container starts, in which folder. */
export interface Image {
  readonly folder: string;
  /** What runs when the container gives no `command`. */
  readonly entrypoint: readonly string[];
  /** Programs by the name that images have them under; `node` is this process's own unless it says otherwise. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}
