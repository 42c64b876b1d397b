import { Connection } from './connection.ts';
import { explained } from './failures.ts';
import type { KubeChoice } from './target.ts';

/** Runs what a command does on Kubernetes; errors of the API server become lines that say what to do. */
export async function onKubernetes<T>(choice: KubeChoice, run: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.open(choice);
  try {
    return await run(connection);
  } catch (error) {
    throw explained(error, connection.context);
  } finally {
    connection.close();
  }
}
