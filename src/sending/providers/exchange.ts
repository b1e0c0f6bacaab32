import type { Dispatcher } from "undici";

export interface HttpAnswer {
  status: number;
  /** undefined: longer than the cap */
  text: string | undefined;
  retryAfter: string | undefined;
  date: string | undefined;
}

export interface ExchangeBounds {
  /** from here to the last byte of the answer */
  deadlineMs: number;
  /** a longer answer is not read */
  capBytes: number;
  /** asked before the first byte is written */
  mayLeave: () => boolean;
}

type Settle = (answer: HttpAnswer) => void;

/**
 * One request and its answer, as undici's dispatch tells it: a tenth of what fetch costs, and a timer is all that a
 * deadline needs.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #bounds: ExchangeBounds;
  readonly #settle: Settle;
  readonly #fail: (error: Error) => void;
  readonly #deadline: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: Record<string, string | string[] | undefined> = {};
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  /** why it was given up */
  #reason: Error | undefined;

  /** @param fail gets undici's error, or one named TimeoutError or AbortError; only the first of all ends counts */
  constructor(bounds: ExchangeBounds, settle: Settle, fail: (error: Error) => void) {
    this.#bounds = bounds;
    this.#settle = settle;
    this.#fail = fail;
    this.#deadline = setTimeout(() => this.end("TimeoutError"), bounds.deadlineMs);
  }

  /** Gives it up; a request that has not begun is not begun any more. */
  end(name: "TimeoutError" | "AbortError"): void {
    this.#reason = Object.assign(new Error("given up"), { name });
    this.onResponseError(this.#controller, this.#reason);
    this.#controller?.abort(this.#reason);
  }

  /** undici asks at the last moment before a byte is written: what waited for a connection may have waited too long. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason === undefined && !this.#bounds.mayLeave()) this.#stay();
    if (this.#reason !== undefined) controller.abort(this.#reason);
  }

  /** A process may be frozen meanwhile: the message is another worker's by now. */
  #stay(): void {
    this.#reason = Object.assign(new Error("the lease was over"), { code: "LEASE_OVER" });
    this.onResponseError(this.#controller, this.#reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#bounds.capBytes) this.#answer(undefined);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#answer(whole.toString("utf8"));
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#fail(error);
  }

  #answer(text: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    const { date, "retry-after": retryAfter } = this.#headers;
    this.#settle({ status: this.#status, text, retryAfter: firstOf(retryAfter), date: firstOf(date) });
    if (text === undefined) this.#controller?.abort(new Error("longer than an answer can be"));
  }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
