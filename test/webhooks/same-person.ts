import { afterAll, afterEach, beforeAll } from "vitest";
import { makeContacts } from "../support/factories.ts";
import { minutesAgo } from "./messages.ts";
import { type Setup, setup } from "./setup.ts";

export let s: Setup;
let next = 620_000_000;
let news = 0;

/** A database for a file's tests, whose books balance after each. */
export function usePeople(): void {
  beforeAll(async () => {
    s = await setup();
  });

  afterEach(() => s.expectCleanAudit());
  afterAll(() => s.end());
}

export const freePhone = (): string => `+31${next++}`;
export const contact = (id: string) => s.row("select * from contacts where id = $1", [id]);
export const by = (address: string) =>
  s.row("select * from contacts where phone = $1 or bsuid = $1", [address]);

/** Contacts with phones of their own, the first one the oldest. */
export async function people(n: number, given: Parameters<typeof makeContacts>[3] = {}) {
  const made = await makeContacts(s.database, s.organization, n, given);
  await s.rows(
    `update contacts c set created_at = adsapp_now() - make_interval(days => 10 - w.n::int)
       from unnest($1::uuid[]) with ordinality as w(id, n) where c.id = w.id`,
    [made.map(({ id }) => id)],
  );
  return made;
}

export const change = (from: string, system: object, at = minutesAgo(1)) =>
  ({ id: `wamid.SYS.${++news}`, from: from.slice(1), type: "system", system, at }) as const;
export const newNumber = (from: string, to: string, at?: Date) =>
  change(from, { type: "user_changed_number", body: "User changed", wa_id: to.slice(1) }, at);
