/** The promise's outcome, or a rejection with the signal's reason if that comes first. The promise itself goes on. */
export function untilAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    const settle = (): void => signal.removeEventListener("abort", stop);
    promise.then(settle, settle);
    promise.then(resolve, reject);
  });
}
