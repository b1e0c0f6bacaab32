/** The first SIGTERM or SIGINT asks to stop, the second to abort (design: sending, stopping). */
export interface Stops {
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
  release(): void;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** timeout(1) signals its child, and then its process group, in which the child is: one asking, which comes twice. */
const TWIN_MS = 500;

/** Listens from the first look at `stopping` on: a command that never looks ends at once, as any program does. */
export function stopSignals(): Stops {
  const stop = new AbortController();
  const abort = new AbortController();
  let listening = false;
  let released = false;
  let askedAt = 0;
  const leave = () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  const heard = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted && performance.now() - askedAt < TWIN_MS) return;
    if (released) {
      leave();
      process.kill(process.pid, signal);
    }
    if (stop.signal.aborted) abort.abort(signal);
    else askedAt = performance.now();
    stop.abort(signal);
  };
  const listen = () => {
    if (!listening) for (const signal of SIGNALS) process.on(signal, heard);
    listening = true;
  };
  return {
    get stopping() {
      listen();
      return stop.signal;
    },
    get aborting() {
      listen();
      return abort.signal;
    },
    release: () => {
      released = true;
      if (!stop.signal.aborted) leave(); // else the twin of what stopped it may still come
    },
  };
}
