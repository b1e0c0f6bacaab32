/** The time in which a tick takes on work; when it is spent, or a person asks to stop, `stopping` is aborted. */
export interface Budget {
  stopping: AbortSignal;
  end(): void;
}

/** @param seconds undefined: no end (--drain) */
export function startBudget(seconds: number | undefined, asked: AbortSignal): Budget {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const timer = seconds === undefined ? undefined : setTimeout(stop, seconds * 1000);
  if (asked.aborted) stop();
  asked.addEventListener("abort", stop);
  return {
    stopping: controller.signal,
    end: () => {
      clearTimeout(timer);
      asked.removeEventListener("abort", stop);
    },
  };
}
