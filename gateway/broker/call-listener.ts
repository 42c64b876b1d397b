/** Calls a listener. What it throws ends as an uncaught error of the process: it is no fault of the caller, whose own work goes on. */
export function callListener<A>(listener: (argument: A) => void, argument: A): void {
  try {
    listener(argument);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
