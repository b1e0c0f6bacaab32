/** What one POST of the Cloud API (or its stand-in) came to. Values, not exceptions. */
export type Answer =
  | { kind: "accepted"; providerMessageId: string }
  | { kind: "refused"; refusal: Refusal }
  /** no byte of it was taken: refused connection, DNS, TLS */
  | { kind: "unsent"; reason: string }
  /** it may have been accepted or not: timeout after the write, reset, an answer that cannot be read */
  | { kind: "unknown"; reason: string };

/** An error that Meta (or something in front of it) gave an answer with. */
export interface Refusal {
  httpStatus: number;
  /** error.code; null when the body is not Meta's */
  code: number | null;
  subcode: number | null;
  /** error_data.details, else error.message */
  details: string;
  transient: boolean;
  retryAfterSeconds: number | null;
}

export interface Provider {
  /** how many POSTs may be open at once */
  readonly concurrency: number;
  /**
   * @param body the request as JSON-able value
   * @param signal aborts what is open (its outcome is then unknown)
   * @param mayLeave asked again after a wait for a connection; where it says no, the message is not sent
   */
  send(body: Record<string, unknown>, signal: AbortSignal, mayLeave?: () => boolean): Promise<Answer>;
  close(): Promise<void>;
}
