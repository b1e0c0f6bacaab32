import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { confirmOptOuts } from "./confirmation.ts";
import text from "./inbound.sql";
import type { Inbound } from "./inbound.ts";
import { followMoves, uniteDoubles } from "./same-person.ts";

const sql = namedQueries(
  text,
  "makeContacts",
  "joinAddresses",
  "holdPeople",
  "holdTheirDrips",
  "applyInbound",
);

/** A number that messages came in for: whose it is, if it is one sender's. */
export interface ReceivingNumber {
  phoneNumberId: string;
  owners: number;
  organizationId: string | null;
}

/** A number; or the contacts that went from in to out; or the ids of news of numbers that are new. */
type Told = Omit<ReceivingNumber, "phoneNumberId"> & {
  phoneNumberId: string | null;
  wentOut?: string[] | null;
  freshNews?: string[] | null;
};

/**
 * Applies what came in, in six statements for any number of messages.
 * @returns the numbers that they came in for, and the contacts that took another one in
 */
export async function receive(
  tx: Transaction,
  inbound: readonly Inbound[],
): Promise<Pick<Received, "numbers" | "united">> {
  if (inbound.length === 0) return { numbers: [], united: [] };
  const { numbers, moves, united } = await receiveOnce(tx, inbound);
  let from = moves;
  for (
    let later = movesFrom(from, inbound);
    from.length > 0 && later.length > 0;
    later = movesFrom(from, later)
  ) {
    const again = await receiveOnce(tx, later);
    united.push(...again.united);
    from = again.moves;
  }
  return { numbers, united };
}

/** News of moves from an address to which others had moved before: of people who were not known by it when it was looked at. */
function movesFrom(earlier: readonly Inbound[], among: readonly Inbound[]): Inbound[] {
  return among.filter(
    (one) =>
      one.moved !== null &&
      earlier.some(
        (move) =>
          move.wamid !== one.wamid &&
          move.phoneNumberId === one.phoneNumberId &&
          move.at <= one.at &&
          ((one.phone !== null && move.moved?.phone === one.phone) ||
            (one.bsuid !== null && move.moved?.bsuid === one.bsuid)),
      ),
  );
}

interface Received {
  numbers: ReceivingNumber[];
  /** those that were news */
  moves: Inbound[];
  /** the contacts that took another one in */
  united: string[];
}

async function receiveOnce(tx: Transaction, inbound: readonly Inbound[]): Promise<Received> {
  const people = inbound.filter((message) => message.makesContact);
  await tx.run(sql.makeContacts, [
    ...addresses(people),
    people.map((message) => message.firstName),
    people.map((message) => message.lastName),
  ]);
  await tx.run(sql.joinAddresses, addresses(people));
  const doubles = await uniteDoubles(tx, people);
  await tx.run(sql.holdPeople, addresses(inbound));
  await tx.run(sql.holdTheirDrips, addresses(inbound));
  const told = await tx.query<Told>(sql.applyInbound, columns(inbound));
  await confirmOptOuts(
    tx,
    told.flatMap(({ wentOut }) => wentOut ?? []),
  );
  const fresh = new Set(told.flatMap(({ freshNews }) => freshNews ?? []));
  const moves = inbound.filter(({ wamid, moved }) => moved !== null && fresh.has(wamid));
  const followed = await followMoves(tx, moves);
  return {
    united: [...doubles, ...followed],
    numbers: told.filter((row): row is ReceivingNumber => row.phoneNumberId !== null),
    moves,
  };
}

function addresses(people: readonly Inbound[]): unknown[][] {
  return [
    people.map((message) => message.phoneNumberId),
    people.map((message) => message.phone),
    people.map((message) => message.bsuid),
  ];
}

/** applyInbound takes one array a column, in this order. */
function columns(inbound: readonly Inbound[]): unknown[][] {
  return [
    inbound.map((m) => m.phoneNumberId),
    inbound.map((m) => m.wamid),
    inbound.map((m) => m.at),
    inbound.map((m) => m.phone),
    inbound.map((m) => m.bsuid),
    inbound.map((m) => m.type),
    inbound.map((m) => m.body),
    inbound.map((m) => JSON.stringify(m.payload)),
    inbound.map((m) => m.contextId),
    inbound.map((m) => m.opensWindow),
    inbound.map((m) => m.consent?.says ?? null),
    inbound.map((m) => m.consent?.risky ?? false),
  ];
}
