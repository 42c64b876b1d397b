import { GROUP, PLURAL } from '../../operator/api/names.ts';
import { KubeError } from '../../operator/kube/error.ts';
import { Failure } from '../failure.ts';

/** How long until a watch asks again; what it says meanwhile. */
const AGAIN = 'Asks again.';

/** What people must do about an error of the API server, in a line; other errors as they are. */
export function explained(error: unknown, context: string): unknown {
  if (!(error instanceof KubeError)) return error;
  return new Failure(`${sentence(error.message)} ${remedyFor(error, context)}`.trim());
}

/** An error that passes by itself, in a line; null for one that doesn't. */
export function passingTrouble(error: unknown): string | null {
  return error instanceof KubeError && isPassing(error) ? `${sentence(error.message)} ${AGAIN}` : null;
}

export function isPassing({ kind }: KubeError): boolean {
  return kind === 'unavailable' || kind === 'too-many-requests';
}

function remedyFor(error: KubeError, context: string): string {
  switch (error.kind) {
    case 'forbidden':
      return 'A Role or ClusterRole must allow it.';
    case 'unauthorized':
      return `Log in again, or choose another context than "${context}" by --context.`;
    case 'unavailable':
      return error.status === 0 ? `Is "${context}" the right context?` : 'Try again.';
    case 'too-many-requests':
    case 'conflict':
      return 'Try again.';
    case 'not-found':
      // Of all that we ask for, only this kind may be unknown to a Kubernetes.
      return error.message.includes(PLURAL)
        ? `This Kubernetes knows no ChatClusters: the chart, whose CustomResourceDefinition ${PLURAL}.${GROUP} brings them, isn't installed.`
        : '';
    default:
      return '';
  }
}

/** A text as a sentence. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
