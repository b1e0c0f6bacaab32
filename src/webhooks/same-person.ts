import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import type { Inbound } from "./inbound.ts";
import text from "./same-person.sql";

const FINDING = ["findMoves", "findDoubles"] as const;
const LOCKING = [
  "lockPeople",
  "lockTheirDrips",
  "lockTheirEnrollments",
  "lockTheirJobs",
  "lockTheirPortfolios",
] as const;
/** In this order; each takes who stays and who goes. */
const MOVING = [
  ...(["leaveDoubleDrips", "moveEnrollments", "moveLogs"] as const),
  ...(["spareDoubles", "moveJobs", "moveMessages"] as const),
  ...(["closeDoubleConversations", "moveConversations", "moveEvents"] as const),
  ...(["dropDoubleTags", "moveTags", "dropDoubleMemberships", "moveMemberships"] as const),
  ...(["addTouches", "dropDoubleReach", "moveReach", "absorb", "scrubMerged"] as const),
] as const;
const sql = namedQueries(text, ...FINDING, ...LOCKING, ...MOVING, "forgetTouches", "readdress");

/** Contacts of one organization that are one person. */
interface SamePerson {
  organizationId: string;
  /** the oldest first: that one stays */
  people: string[];
  phone: string | null;
  bsuid: string | null;
}

/** Somebody by both addresses, as told to one of our numbers. */
type Addresses = Pick<Inbound, "phoneNumberId" | "phone" | "bsuid">;

/**
 * A message with both addresses may show that two contacts are one person: who was known by a user id alone has a number that is another
 * contact's. They become one, before the message is applied. @returns the contacts that took another one in
 */
export async function uniteDoubles(tx: Transaction, inbound: readonly Addresses[]): Promise<string[]> {
  const both = inbound.filter(({ phone, bsuid }) => phone !== null && bsuid !== null);
  if (both.length === 0) return [];
  const doubles = await tx.query<SamePerson>(sql.findDoubles, [
    both.map(({ phoneNumberId }) => phoneNumberId),
    both.map(({ phone }) => phone),
    both.map(({ bsuid }) => bsuid),
  ]);
  return unite(tx, apart(doubles).now, false);
}

/**
 * People keep their contact, with its consent and history, under a new number or user id. Where somebody is there already under it, the
 * two become one: the older row with the strictest consent. In the order in which they were said; after the messages of the batch.
 * @returns the contacts that took another one in
 */
export async function followMoves(tx: Transaction, messages: readonly Inbound[]): Promise<string[]> {
  const united: string[] = [];
  let moves = messages
    .filter(({ moved }) => moved !== null)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  while (moves.length > 0) {
    const found = await tx.query<SamePerson & { n: number }>(sql.findMoves, [
      moves.map((_, n) => n),
      moves.map(({ phoneNumberId }) => phoneNumberId),
      moves.map(({ phone }) => phone),
      moves.map(({ bsuid }) => bsuid),
      moves.map(({ moved }) => moved?.phone ?? null),
      moves.map(({ moved }) => moved?.bsuid ?? null),
    ]);
    const { now, later } = apart(found);
    united.push(...(await unite(tx, now, true)));
    moves = later.map(({ n }) => moves[n] as Inbound); // who moves on from there is found by the new address
  }
  return united;
}

/** Those that have no contact with an earlier one in common, and the others: from the first that has. */
function apart<Of extends SamePerson>(all: readonly Of[]): { now: Of[]; later: Of[] } {
  const seen = new Set<string>();
  const end = all.findIndex(({ people, phone, bsuid, organizationId }) => {
    const touched = [
      ...people,
      ...[phone, bsuid].filter((it) => it !== null).map((it) => `${organizationId} ${it}`),
    ];
    const again = touched.some((it) => seen.has(it));
    for (const it of touched) seen.add(it);
    return again;
  });
  return end < 0 ? { now: [...all], later: [] } : { now: all.slice(0, end), later: all.slice(end) };
}

async function unite(tx: Transaction, found: readonly SamePerson[], moves: boolean): Promise<string[]> {
  if (found.length === 0) return [];
  const everybody = found.flatMap(({ people }) => people);
  await tx.run(sql.lockPeople, [everybody]);
  const most = Math.max(...found.map(({ people }) => people.length));
  for (let nth = 1; nth < most; nth++)
    await mergeInto(
      tx,
      found.filter(({ people }) => people.length > nth),
      nth,
    );
  await tx.run(sql.readdress, [
    found.map(({ people }) => people[0]),
    found.map(({ phone }) => phone),
    found.map(({ bsuid }) => bsuid),
    found.map(() => moves),
  ]);
  return found.filter(({ people }) => people.length > 1).flatMap(({ people }) => people.slice(0, 1));
}

/** The nth of each goes into the first: at most two (one had the number, another the user id), so this is done once or twice. */
async function mergeInto(tx: Transaction, found: readonly SamePerson[], nth: number): Promise<void> {
  const stay = found.map(({ people }) => people[0]);
  const go = found.map(({ people }) => people[nth]);
  for (const lock of LOCKING.slice(1)) await tx.run(sql[lock], [[...stay, ...go]]);
  for (const move of MOVING) await tx.run(sql[move], [stay, go]);
  await tx.run(sql.forgetTouches, [go]);
}
