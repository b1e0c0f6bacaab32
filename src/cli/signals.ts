/** The first SIGTERM or SIGINT asks to stop, the second to abort (design: sending, stopping). */
export interface Stops {
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
  release(): void;
}

/** Listens from the first look at `stopping` on: a command that never looks ends at once, as any program does. */
export function stopSignals(): Stops {
  const stop = new AbortController();
  const abort = new AbortController();
  let listening = false;
  const heard = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) abort.abort(signal);
    stop.abort(signal);
  };
  const listen = () => {
    if (!listening) for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, heard);
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
      process.off("SIGTERM", heard);
      process.off("SIGINT", heard);
    },
  };
}
