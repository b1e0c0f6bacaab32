/**
 * Does some work with a signal that ends it with `given`, or by a TimeoutError after so many milliseconds. Node 20 collects an
 * AbortSignal.timeout within an AbortSignal.any as garbage before it rings, so the timer is held here.
 */
export async function withDeadline<T>(
  given: AbortSignal,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException("no answer in time", "TimeoutError"));
  const timer = setTimeout(late, milliseconds);
  const stop = () => controller.abort(given.reason);
  if (given.aborted) stop();
  given.addEventListener("abort", stop, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    given.removeEventListener("abort", stop);
  }
}
