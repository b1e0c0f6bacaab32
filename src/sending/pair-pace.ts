import type { Database } from "../db/database.ts";
import { workerByKeys } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import type { Lane } from "./lane.ts";
import text from "./limits.sql";

const sql = namedQueries(text, "recentPairs");

/** Meta: one message each 6 s to the same person from the same number, and a burst of 45 that borrows from what follows. */
const EVERY_SECONDS = 6;
const BURST = 45;

/** People who have borrowed, and for how many seconds from now: one array a column. */
export interface Borrowed {
  contacts: string[];
  seconds: number[];
}

/**
 * What the lane sent to each person of late (GCRA). One worker at a time holds a lane, so it is kept in memory, for as
 * long as somebody borrows: most people, six seconds. Begins with what the database knows, so that a restart forgives
 * nothing. A `log` sender takes everything and keeps none of this.
 */
export class PairPace {
  readonly #now: () => number;
  /** when each person's whole burst is there again, in milliseconds */
  readonly #until = new Map<string, number>();

  private constructor(now: () => Date) {
    this.#now = () => now().getTime();
  }

  /** @param now the tick's clock */
  static async of(database: Database, lane: Lane, now: () => Date): Promise<PairPace | undefined> {
    if (lane.provider !== "whatsapp-cloud") return undefined;
    const pace = new PairPace(now);
    const pairs = await database.transaction(workerByKeys, (tx) =>
      tx.query<{ contactId: string; secondsAgo: number[] }>(sql.recentPairs, [
        lane.id,
        BURST * EVERY_SECONDS,
        EVERY_SECONDS,
      ]),
    );
    const at = pace.#now();
    for (const { contactId, secondsAgo } of pairs)
      for (const seconds of secondsAgo) pace.#add(contactId, at - seconds * 1000);
    return pace;
  }

  /** Messages to these people were claimed just now. */
  claimed(contacts: readonly string[]): void {
    const at = this.#now();
    for (const contact of contacts) this.#add(contact, at);
  }

  /** Who has borrowed for more than one message; a claim takes everybody else to have borrowed for one (limits.sql). */
  borrowed(): Borrowed {
    const at = this.#now();
    const borrowed: Borrowed = { contacts: [], seconds: [] };
    for (const [contact, until] of this.#until) {
      const seconds = (until - at) / 1000;
      if (seconds <= 0) this.#until.delete(contact);
      if (seconds <= EVERY_SECONDS) continue;
      borrowed.contacts.push(contact);
      borrowed.seconds.push(seconds);
    }
    return borrowed;
  }

  #add(contact: string, at: number): void {
    this.#until.set(contact, Math.max(at, this.#until.get(contact) ?? 0) + EVERY_SECONDS * 1000);
  }
}
