import { grouped } from "./output/cells.ts";
import { liveLine } from "./output/live-line.ts";
import { duration } from "./output/times.ts";
import { visible } from "./output/visible.ts";

/** How long work tells how far it is: a live line on a terminal, a line each ten seconds in a log. */
export interface Progress {
  /**
   * so many more are done
   * @param share how much of the whole that is by now (0 to 1), where nobody knows how many there will be
   */
  advance(count: number, share?: number): void;
  /** a line of its own, without garbling the live one */
  note(text: string): void;
  /** takes the live line away and says how it ended; call it in a `finally` */
  done(summary?: string): void;
}

export interface ProgressOptions {
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  /** says nothing at all: --quiet, and data formats */
  quiet: boolean;
  title: string;
  total?: number;
  /** what is told of, when what is counted is too small to tell: `{ name: "MB", size: 1e6 }` for bytes */
  unit?: Unit;
  /** milliseconds, monotonic */
  clock?: () => number;
}

interface Unit {
  name: string;
  size: number;
}

const DRAW_EVERY_MS = 100;
const LOG_EVERY_MS = 10_000;
/** How often a log looks whether its ten seconds are over, when the work itself is silent. */
const LOOK_EVERY_MS = 1_000;
const BAR = 20;

/** Starts telling; work that is done within a blink (or within 10 s in a log) tells nothing. */
export function createProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { advance() {}, note() {}, done() {} };
  const { stderr, clock = () => performance.now() } = options;
  const live = stderr.isTTY === true && (stderr.columns ?? 0) > 0 ? liveLine(stderr) : undefined;
  const pause = live === undefined ? LOG_EVERY_MS : DRAW_EVERY_MS;
  const began = clock();
  let spoke = began;
  let count = 0;
  let estimate: number | undefined;
  const speak = () => {
    if (clock() - spoke < pause) return;
    spoke = clock();
    const { title, total = estimate, unit } = options;
    const isEstimate = estimate !== undefined;
    const state = { title, count, total, isEstimate, unit, seconds: (spoke - began) / 1000 };
    if (live === undefined) stderr.write(`${progressLine(state)}\n`);
    else live.show(progressLine(state, BAR));
  };
  // unref: a caller that forgets done() must not keep the program alive
  const timer = setInterval(speak, live === undefined ? LOOK_EVERY_MS : DRAW_EVERY_MS).unref();
  const say = (text: string) => {
    live?.clear();
    stderr.write(`${visible(text)}\n`);
  };
  return {
    advance(more, share) {
      count += more;
      if (share !== undefined && share > 0) estimate = Math.round(count / Math.min(1, share));
      speak();
    },
    note: say,
    done(summary) {
      clearInterval(timer);
      live?.end();
      if (summary !== undefined) say(summary);
    },
  };
}

/**
 * `reading 12 000 of 50 000 (24 %), 4 000/s, 10 s left`, with a bar after the title where `bar` says its length.
 * @param state.unit in which counts are told: `copying 12 of 50 MB (24 %), 4 MB/s, 10 s left`
 * @param state.seconds since the work began: rate and time left come from the whole of it
 */
export function progressLine(
  state: {
    title: string;
    count: number;
    total: number | undefined;
    isEstimate?: boolean;
    unit?: Unit | undefined;
    seconds: number;
  },
  bar = 0,
): string {
  const { count, total, seconds } = state;
  const rate = seconds > 0 ? count / seconds : 0;
  const title = visible(state.title);
  const { name, size } = state.unit ?? { name: "", size: 1 };
  const unit = name === "" ? "" : ` ${name}`;
  const told = (n: number) => grouped(Math.round(n / size));
  const pace = `${told(rate)}${unit}/s`;
  if (total === undefined || total <= 0) return `${title} ${told(count)}${unit}, ${pace}`;
  const share = Math.min(1, count / total);
  const about = state.isEstimate === true && share < 1 ? "about " : "";
  const far = `${told(count)} of ${about}${told(total)}${unit} (${Math.floor(share * 100)} %)`;
  const left = rate === 0 ? [] : [`${timeLeft((total - count) / rate)} left`];
  return [`${title} ${barOf(share, bar)}${far}`, pace, ...left].join(", ");
}

function barOf(share: number, length: number): string {
  if (length === 0) return "";
  const full = Math.floor(share * length);
  return `${"█".repeat(full)}${"░".repeat(length - full)} `;
}

function timeLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 120 ? `${whole} s` : duration(whole * 1000);
}
