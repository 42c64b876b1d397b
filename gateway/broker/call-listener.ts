/** Calls a listener. What it throws ends as an uncaught error of the process: it is no fault of the caller, whose own work goes on. */
export function callListener(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
