import type { Ledger } from "./ledger.ts";
import type { Settings } from "./options.ts";
import type { Persons } from "./persons.ts";
import { Schedule } from "./schedule.ts";
import type { ServiceWindows } from "./service-windows.ts";
import type { Told } from "./told.ts";
import { webhookBody } from "./webhook-body.ts";
import type { Receiver } from "./webhooks.ts";

interface Planned {
  told: Told;
  /** its place among those told together, when they are shuffled: 0 to 1 */
  order: number;
}

/** Tells what was planned, body after body, when its time has come. */
export class Telling {
  readonly #settings: Settings;
  readonly #receiver: Receiver;
  readonly #ledger: Ledger;
  readonly #windows: ServiceWindows;
  readonly #persons: Persons;
  readonly #planned = new Schedule<Planned>();
  readonly #giveUp = new AbortController();
  #telling: Promise<void> = Promise.resolve();

  constructor(
    settings: Settings,
    receiver: Receiver,
    ledger: Ledger,
    { windows, persons }: { windows: ServiceWindows; persons: Persons },
  ) {
    this.#settings = settings;
    this.#receiver = receiver;
    this.#ledger = ledger;
    this.#windows = windows;
    this.#persons = persons;
  }

  /** @param due epoch milliseconds; with `immediate` it is told at once @param order 0 to 1 */
  plan(told: Told, due: number, order = 0): void {
    const { immediate, lateSeconds } = this.#settings;
    this.#planned.add({ told, order }, immediate ? 0 : due + lateSeconds * 1000);
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

  #tell(due: Planned[]): void {
    if (due.length === 0) return;
    if (this.#settings.shuffle) due.sort((a, b) => a.order - b.order);
    this.#telling = this.#telling.then(() => this.#deliver(due.map(({ told }) => told)));
  }

  async #deliver(due: readonly Told[]): Promise<void> {
    for (let from = 0; from < due.length; from += this.#settings.batch) {
      const some = due.slice(from, from + this.#settings.batch);
      for (const told of some) this.#openWindow(told);
      const body = webhookBody(some, this.#settings, (address) => this.#persons.person(address));
      const arrived = await this.#receiver.deliver(body, this.#giveUp.signal);
      if (arrived) for (const told of some) this.#ledger.told(told);
      else this.#ledger.undelivered(some.length);
    }
  }

  /** Meta knows what a person wrote, whether the webhook arrives or not. */
  #openWindow(told: Told): void {
    if (told.kind !== "message") return;
    const { phone, userId } = told.person;
    for (const address of [phone, userId])
      if (address !== null) this.#windows.heard(told.phoneNumberId, address, told.at);
  }
}
