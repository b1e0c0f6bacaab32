import type { Fate, Roll } from "./fate.ts";
import type { AcceptedMessage, Ledger, MessageStatus } from "./ledger.ts";
import type { Settings } from "./options.ts";
import { Schedule } from "./schedule.ts";
import { webhookBody } from "./webhook-body.ts";
import type { Receiver } from "./webhooks.ts";

interface PlannedStatus extends MessageStatus {
  /** its place among those told together, when they are shuffled: 0 to 1 */
  order: number;
}

/** Plans the statuses of accepted messages and tells them, body after body, when their time has come. */
export class Statuses {
  readonly #settings: Settings;
  readonly #receiver: Receiver;
  readonly #ledger: Ledger;
  readonly #planned = new Schedule<PlannedStatus>();
  readonly #giveUp = new AbortController();
  #telling: Promise<void> = Promise.resolve();

  constructor(settings: Settings, receiver: Receiver, ledger: Ledger) {
    this.#settings = settings;
    this.#receiver = receiver;
    this.#ledger = ledger;
  }

  plan(message: AcceptedMessage, fate: Fate, roll: Roll): void {
    const { dropStatuses, duplicateStatuses } = this.#settings;
    const happens = (word: string, share: number) => share > 0 && roll(word) < share;
    const after = (seconds: number) => new Date(message.at.getTime() + seconds * 1000);
    const last = after(fate.steps.at(-1)?.afterSeconds ?? 0);
    for (const { status, afterSeconds } of fate.steps) {
      if (happens(`${status} dropped`, dropStatuses)) continue;
      const errorCode = status === "failed" ? fate.errorCode : null;
      const planned = { message, status, at: after(afterSeconds), errorCode, order: 0 };
      this.#add({ ...planned, order: roll(`${status} order`) }, last);
      if (happens(`${status} duplicated`, duplicateStatuses)) {
        this.#add({ ...planned, order: roll(`${status} duplicate's order`) }, last);
      }
    }
  }

  /** Starts to tell what is due by now. */
  tellDue(): void {
    this.#tell(this.#planned.take(this.#settings.now().getTime()));
  }

  /** Tells everything planned so far, and waits until it arrived or was given up. @throws UserError when a file cannot be written */
  async flush(): Promise<void> {
    this.#tell(this.#planned.take(Number.POSITIVE_INFINITY));
    await this.#telling;
    await Promise.all([this.#receiver.written(), this.#ledger.written()]);
  }

  /** A `flush` that gives up what did not arrive within the time that `drainMs` allows. */
  async drain(): Promise<void> {
    const timer = setTimeout(() => this.#giveUp.abort(), this.#settings.drainMs);
    await this.flush().finally(() => clearTimeout(timer));
  }

  #add(planned: PlannedStatus, last: Date): void {
    this.#planned.add(planned, this.#dueAt(planned, last.getTime()));
  }

  /** In epoch milliseconds. Shuffled ones come late, up to the time of the message's last status. */
  #dueAt({ at, order }: PlannedStatus, last: number): number {
    if (this.#settings.immediate) return 0;
    return at.getTime() + (this.#settings.shuffle ? order * (last - at.getTime()) : 0);
  }

  #tell(due: PlannedStatus[]): void {
    if (due.length === 0) return;
    if (this.#settings.shuffle) due.sort((a, b) => a.order - b.order);
    this.#telling = this.#telling.then(() => this.#deliver(due));
  }

  async #deliver(due: readonly PlannedStatus[]): Promise<void> {
    const { batch, wabaId } = this.#settings;
    for (let from = 0; from < due.length; from += batch) {
      const statuses = due.slice(from, from + batch);
      const arrived = await this.#receiver.deliver(webhookBody(statuses, wabaId), this.#giveUp.signal);
      if (arrived) for (const status of statuses) this.#ledger.told(status);
      else this.#ledger.undelivered(statuses.length);
    }
  }
}
