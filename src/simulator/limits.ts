import { Buckets } from "./buckets.ts";
import { type GraphFault, graphFault } from "./graph.ts";
import type { SendRequest } from "./messages.ts";
import type { Settings } from "./options.ts";
import type { ServiceWindows } from "./service-windows.ts";

/** One message in six seconds to one person, of which 45 may go at once (reference §4). */
const PAIR = { perSecond: 1 / 6, burst: 45 };
const DAY_MS = 86_400_000;

/** Meta's limits on sending, as far as they are asked for (reference §4). */
export class Limits {
  readonly #settings: Settings;
  readonly #windows: ServiceWindows;
  readonly #throughput: Buckets | undefined;
  readonly #pairs: Buckets | undefined;
  /** the portfolio's people by when they were last messaged outside a service window */
  readonly #people = new Map<string, number>();

  constructor(settings: Settings, windows: ServiceWindows) {
    const { throughputPerSecond, pairLimit } = settings;
    this.#settings = settings;
    this.#windows = windows;
    this.#throughput = throughputPerSecond === undefined ? undefined : new Buckets(throughputPerSecond);
    this.#pairs = pairLimit ? new Buckets(PAIR.perSecond, PAIR.burst) : undefined;
  }

  /** Takes the message's room in each limit. @returns the error of the first that has none */
  take({ recipient }: SendRequest, phoneNumberId: string): GraphFault | undefined {
    const now = this.#settings.now();
    if (this.#throughput?.take(phoneNumberId, now) === false)
      return graphFault(130429, "Cloud API message throughput has been reached.");
    if (this.#pairs?.take(`${phoneNumberId} ${recipient}`, now) === false)
      return graphFault(131056, "Too many messages to this recipient in a short time.");
    const isFree = this.#windows.isOpen(phoneNumberId, recipient, now);
    return isFree || this.#takePerson(recipient, now.getTime())
      ? undefined
      : graphFault(131048, "The portfolio has messaged as many people in 24 hours as it may.");
  }

  /** All numbers of the simulator are one portfolio's. A person counts once in any 24 hours. */
  #takePerson(recipient: string, now: number): boolean {
    const { portfolioLimit } = this.#settings;
    if (portfolioLimit === undefined) return true;
    for (const [person, at] of this.#people) {
      if (at > now - DAY_MS) break; // they stand in the order of their times
      this.#people.delete(person);
    }
    const isKnown = this.#people.delete(recipient);
    if (!isKnown && this.#people.size >= portfolioLimit) return false;
    this.#people.set(recipient, now);
    return true;
  }
}
