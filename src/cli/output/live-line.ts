import type { Ora } from "ora";
import { cut } from "./width.ts";

/** A line at the foot of a terminal that changes as work goes on. */
export interface LiveLine {
  show(text: string): void;
  /** makes room for a line above; the next `show` draws it again */
  clear(): void;
  end(): void;
}

/**
 * Drawn by ora, when told to. Not by ora's own loop: that hides the cursor, never lets the program end without
 * stop(), and spins for ever on a terminal of 0 columns. ora loads at the first `show`.
 */
export function liveLine(terminal: NodeJS.WritableStream & { columns?: number }): LiveLine {
  let spinner: Ora | undefined;
  let loading = false;
  let ended = false;
  let text = "";
  const draw = () => {
    if (spinner === undefined || ended) return;
    spinner.text = cut(text, Math.max(1, (terminal.columns ?? 80) - 4));
    spinner.render();
  };
  const load = async () => {
    loading = true;
    const { default: ora } = await import("ora");
    // no colour: ora asks neither --no-color nor NO_COLOR
    spinner = ora({
      stream: terminal as NodeJS.WriteStream,
      isEnabled: true,
      color: false,
      discardStdin: false,
    });
    draw();
  };
  return {
    show(line) {
      text = line;
      if (!loading) void load();
      draw();
    },
    clear: () => void (ended || spinner?.clear()),
    end() {
      if (!ended) spinner?.clear();
      ended = true;
    },
  };
}
