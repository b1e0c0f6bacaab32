import type { Outcome } from "./fate.ts";
import { LineFile } from "./line-file.ts";
import type { Told } from "./told.ts";

/** One message that the simulator accepted: its own truth, to hold against adsapp's. */
export interface AcceptedMessage {
  readonly wamid: string;
  /** the recipient as it was given: a phone number, or a business-scoped user id */
  readonly to: string;
  readonly phoneNumberId: string;
  /** `biz_opaque_callback_data`, "" when there was none */
  readonly opaqueId: string;
  readonly type: string;
  readonly templateName: string | null;
  readonly at: Date;
  /** the last status that is planned for it */
  readonly outcome: Outcome;
}

export interface Counts {
  /** all but health checks: accepted and refused ones */
  requests: number;
  accepted: number;
  /** every request that was not accepted, whatever the answer, and if there was none */
  refused: number;
  /** statuses that were told (a duplicate counts again), whether the receiver knows them or there is none */
  statuses: Record<Outcome, number>;
  /** messages of persons that were told */
  replies: number;
  /** statuses and other updates that the webhook URL did not take, however often they were sent */
  undelivered: number;
}

/** A status of a message, planned or told. */
export interface MessageStatus {
  message: AcceptedMessage;
  status: Outcome;
  at: Date;
  /** of a failed one */
  errorCode: number | null;
}

/** Keeps what was accepted, in order, and counts. With a file it is NDJSON: `event` is accepted, the status told, replied or news. */
export class Ledger {
  readonly accepted: AcceptedMessage[] = [];
  readonly #counts = { requests: 0, refused: 0, replies: 0, undelivered: 0 };
  readonly #statuses: Record<Outcome, number> = { sent: 0, delivered: 0, read: 0, failed: 0 };
  readonly #received = new Map<string, number>();
  readonly #wamids = new Set<string>();
  readonly #log: LineFile | undefined;

  private constructor(log: LineFile | undefined) {
    this.#log = log;
  }

  /** @throws UserError when the file cannot be opened */
  static async open(logFile: string | undefined): Promise<Ledger> {
    return new Ledger(logFile === undefined ? undefined : await LineFile.open(logFile));
  }

  counts(): Counts {
    return { ...this.#counts, accepted: this.accepted.length, statuses: { ...this.#statuses } };
  }

  /** How many messages a recipient got so far. */
  received(to: string): number {
    return this.#received.get(to) ?? 0;
  }

  knows(wamid: string): boolean {
    return this.#wamids.has(wamid);
  }

  request(): void {
    this.#counts.requests++;
  }

  refuse(): void {
    this.#counts.refused++;
  }

  accept(message: AcceptedMessage): void {
    this.accepted.push(message);
    this.#wamids.add(message.wamid);
    this.#received.set(message.to, this.received(message.to) + 1);
    this.#log?.append(JSON.stringify({ event: "accepted", ...message }));
  }

  told(told: Told): void {
    if (told.kind === "status") this.#toldStatus(told);
    else if (told.kind === "message") {
      const { wamid, phoneNumberId, person, text, at, contextId } = told;
      this.#counts.replies++;
      this.#log?.append(
        JSON.stringify({
          event: "replied",
          wamid,
          phoneNumberId,
          from: person.phone ?? person.userId,
          text,
          at,
          ...(contextId === undefined ? {} : { contextId }),
        }),
      );
    } else this.#log?.append(JSON.stringify({ event: "news", field: told.field, value: told.value }));
  }

  undelivered(count: number): void {
    this.#counts.undelivered += count;
  }

  /** Resolves when the file holds all of it. */
  async written(): Promise<void> {
    await this.#log?.written();
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  #toldStatus({ message, status, at, errorCode }: MessageStatus): void {
    this.#statuses[status]++;
    const { wamid } = message;
    this.#log?.append(
      JSON.stringify({ event: status, wamid, at, ...(errorCode === null ? {} : { errorCode }) }),
    );
  }
}
