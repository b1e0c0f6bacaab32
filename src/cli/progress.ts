/** How long work tells how far it is: a live line on a terminal, a line each ten seconds in a log. */
export interface Progress {
  advance(count: number): void;
  done(summary?: string): void;
}

export interface ProgressOptions {
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  quiet: boolean;
  title: string;
  total?: number;
  /** milliseconds, monotonic */
  clock?: () => number;
}

const LOG_EVERY_MS = 10_000;
const DRAW_EVERY_MS = 100;

export function createProgress(options: ProgressOptions): Progress {
  const clock = options.clock ?? (() => performance.now());
  const began = clock();
  const live = options.stderr.isTTY === true && (options.stderr.columns ?? 0) > 0 && !options.quiet;
  let count = 0;
  let spoke = began;
  let spinner: { text: string; stop(): unknown } | undefined;
  let finished = false;
  const line = () => progressLine(options.title, count, options.total, (clock() - began) / 1000);
  const draw = () => {
    if (spinner === undefined) {
      spinner = { text: "", stop() {} };
      void import("ora").then(({ default: ora }) => {
        if (!finished) spinner = ora({ text: line(), stream: options.stderr as NodeJS.WriteStream, discardStdin: false }).start();
      });
    }
    spinner.text = line();
  };
  return {
    advance(more) {
      count += more;
      if (options.quiet || clock() - spoke < (live ? DRAW_EVERY_MS : LOG_EVERY_MS)) return;
      spoke = clock();
      if (live) draw();
      else options.stderr.write(`${line()}\n`);
    },
    done(summary) {
      finished = true;
      spinner?.stop();
      if (summary !== undefined && !options.quiet) options.stderr.write(`${summary}\n`);
    },
  };
}

/** `title 12 000 of 50 000 (24 %), 4 000/s, 10 s left` */
export function progressLine(title: string, count: number, total: number | undefined, seconds: number): string {
  const rate = seconds > 0 ? count / seconds : 0;
  const number = (n: number) => Math.round(n).toLocaleString("en-US").replaceAll(",", " ");
  const far = total === undefined || total === 0 ? number(count) : `${number(count)} of ${number(total)} (${Math.floor((100 * count) / total)} %)`;
  const left = total === undefined || rate === 0 ? "" : `, ${number(Math.max(0, total - count) / rate)} s left`;
  return `${title} ${far}, ${number(rate)}/s${left}`;
}
