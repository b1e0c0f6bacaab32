import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import directText from "../sending/direct.sql";
import { moveAnswers } from "./answers.ts";
import { readBody, type Told } from "./body.ts";
import { heedNotices, learnNumbers, type OwnedNotice } from "./heed-notices.ts";
import { type Aftermath, heedFailures, retryFailed } from "./late-failures.ts";
import { learnUserIds } from "./learn-user-ids.ts";
import { columnsOf, messageKey } from "./news.ts";
import type { Notice } from "./notices.ts";
import { type ReceivingNumber, receive } from "./receive.ts";
import text from "./statuses.sql";
import type { Status } from "./statuses.ts";
import { errorsOfNotices, errorsOfStrangers, throttlesOf } from "./throttles.ts";

const sql = namedQueries(
  text,
  "holdEnrollments",
  "applyStatuses",
  "takeBodies",
  "closeBodies",
  "storeBodies",
);

const direct = namedQueries(directText, "adoptDirect");

const BODIES_AT_ONCE = 100;
/** Of statuses, five to ten thousand: a second of work, so that what people say meanwhile is not kept waiting. */
const BYTES_AT_ONCE = 2 * 1024 * 1024;
/** SQLSTATEs that blame the data: of its values (22), of a constraint (23), of a limit (54), of a trigger (P0). */
const REFUSED = /^(22|23|54|P0)/;

interface Body {
  id: number;
  body: string;
}

/** What became of a body: null error = applied. */
interface Verdict {
  error: string | null;
  organizationId: string | null;
}

interface AppliedStatus {
  phoneNumberId: string;
  wamid: string;
  claimsAJob: boolean;
  applied: boolean;
  organizationId: string | null;
  /** null: the number is no sender's, or that of several */
  senderId: string | null;
  /** it says that the message failed, and that is news */
  hasFailed: boolean;
  /** it was not known when it could be answered, or is no longer what it was: failed, or not */
  movesAnswers: boolean;
  /** its message came to be known meanwhile: nothing is applied yet */
  isMissed: boolean;
}

/** Stores raw bodies before anything looks into them. @param source where they came from: `ingest`, `serve` */
export async function storeBodies(
  database: Database,
  bodies: readonly string[],
  source: string,
): Promise<void> {
  await database.transaction(worker, (tx) => tx.run(sql.storeBodies, [bodies, source]));
}

/**
 * Applies the bodies that wait until none is left: what people say first, then the oldest, at most a hundred in a
 * transaction. One that cannot be applied keeps its error and blocks none of the others. @returns how many bodies were looked at
 */
export async function applyInbox(database: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await applySome(database);
    total += done;
    if (done === 0) return total;
  }
}

/** A hundred at once; when the database refuses what one of them says, each by itself. */
async function applySome(database: Database): Promise<number> {
  const take = (tx: Transaction, limit: number) => tx.query<Body>(sql.takeBodies, [limit, BYTES_AT_ONCE]);
  try {
    const all = await database.transaction(worker, async (tx) => apply(tx, await take(tx, BODIES_AT_ONCE)));
    await heedFailures(database, all.aftermath);
    return all.bodies;
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  let done = 0;
  for (let found = 1; found > 0 && done < BODIES_AT_ONCE; done += found) {
    const one = await database.transaction(worker, async (tx) => applyOrPutAside(tx, await take(tx, 1)));
    await heedFailures(database, one.aftermath);
    found = one.bodies;
  }
  return done;
}

interface Applied {
  /** how many were looked at */
  bodies: number;
  aftermath: Aftermath[];
}

async function applyOrPutAside(tx: Transaction, bodies: readonly Body[]): Promise<Applied> {
  await tx.run("savepoint one");
  try {
    return await apply(tx, bodies);
  } catch (error) {
    if (!isRefused(error)) throw error;
    await tx.run("rollback to savepoint one");
    const verdict = { error: `refused: ${(error as Error).message}`.slice(0, 500), organizationId: null };
    const verdicts = bodies.map(() => verdict);
    return { bodies: await closeBodies(tx, bodies, verdicts), aftermath: [] };
  }
}

function isRefused(error: unknown): boolean {
  return REFUSED.test((error as { code?: string }).code ?? "");
}

async function apply(tx: Transaction, bodies: readonly Body[]): Promise<Applied> {
  if (bodies.length === 0) return { bodies: 0, aftermath: [] };
  const read = bodies.map(readOrRefuse);
  await learnNumbers(tx, new Map(read.flatMap((body) => [...body.shown])));
  const notices = read.flatMap((body) => body.notices);
  const owners = await heedNotices(tx, notices);
  const statuses = read.flatMap((body) => body.statuses);
  const applied = await applyStatuses(tx, statuses);
  const byMessage = new Map(applied.map((row) => [messageKey(row), row]));
  const aftermath = [
    ...(await retryFailed(tx, applied.filter(isFailed), statuses)),
    ...(await throttlesOf(tx, [
      ...errorsOfNotices(notices, owners),
      ...errorsOfStrangers(statuses, (status) => strangersSender(byMessage.get(messageKey(status)))),
    ])),
  ];
  const inbound = read.flatMap((body) => body.inbound);
  const united = await learnUserIds(tx, statuses, inbound);
  const { numbers, ...received } = await receive(tx, inbound);
  await moveAnswers(tx, applied.filter(isNewsToAnswers), [...united, ...received.united]);
  const became: Became = {
    statuses: byMessage,
    numbers: new Map(numbers.map((number) => [number.phoneNumberId, number])),
    notices: new Map(notices.map((notice, n) => [notice, owners[n] as OwnedNotice])),
  };
  const verdicts = read.map((body) => verdictOf(body, became));
  return { bodies: await closeBodies(tx, bodies, verdicts), aftermath };
}

function isFailed(row: AppliedStatus): row is AppliedStatus & { organizationId: string } {
  return row.applied && row.hasFailed && row.organizationId !== null;
}

function isNewsToAnswers(row: AppliedStatus): row is AppliedStatus & { organizationId: string } {
  return row.applied && row.movesAnswers && row.organizationId !== null;
}

/** Of a message that none of ours is, and does not claim to be: another system sends from this number too. */
function strangersSender(row: AppliedStatus | undefined): string | null {
  return row === undefined || row.applied || row.claimsAJob ? null : row.senderId;
}

async function applyStatuses(tx: Transaction, statuses: readonly Status[]): Promise<AppliedStatus[]> {
  if (statuses.length === 0) return [];
  const ofDrips = statuses.filter(({ kind }) => kind !== "b");
  if (ofDrips.length > 0)
    await tx.run(sql.holdEnrollments, [
      ofDrips.map((status) => status.jobId).filter((id) => id !== null),
      ofDrips.map((status) => status.wamid),
    ]);
  await adoptDirect(
    tx,
    statuses.filter(({ kind }) => kind === "m"),
  );
  return applyAll(tx, statuses);
}

async function applyAll(tx: Transaction, statuses: readonly Status[]): Promise<AppliedStatus[]> {
  const rows = await tx.query<AppliedStatus>(sql.applyStatuses, columnsOf(statuses));
  if (!rows.some(({ isMissed }) => isMissed)) return rows;
  const missed = new Set(rows.filter(({ isMissed }) => isMissed).map(messageKey));
  const again = await applyAll(
    tx,
    statuses.filter((status) => missed.has(messageKey(status))),
  );
  return [...rows.filter(({ isMissed }) => !isMissed), ...again];
}

/** Direct messages whose id of Meta's we do not know yet. */
async function adoptDirect(tx: Transaction, statuses: readonly Status[]): Promise<void> {
  if (statuses.length === 0) return;
  await tx.run(direct.adoptDirect, [
    statuses.map((s) => s.phoneNumberId),
    statuses.map((s) => s.wamid),
    statuses.map((s) => s.jobId),
    statuses.map((s) => s.attempt),
    statuses.map((s) => s.at),
  ]);
}

/** What the statements said of all that a batch tells. */
interface Became {
  statuses: ReadonlyMap<string, AppliedStatus>;
  numbers: ReadonlyMap<string, ReceivingNumber>;
  notices: ReadonlyMap<Notice, OwnedNotice>;
}

function closeBodies(
  tx: Transaction,
  bodies: readonly Body[],
  verdicts: readonly Verdict[],
): Promise<number> {
  return tx.run(sql.closeBodies, [
    bodies.map((body) => body.id),
    verdicts.map((verdict) => verdict.error),
    verdicts.map((verdict) => verdict.organizationId),
  ]);
}

interface ReadBody extends Told {
  error: string | null;
}

const NOTHING: Told = { statuses: [], inbound: [], notices: [], shown: new Map(), unread: [] };

function readOrRefuse({ body }: Body): ReadBody {
  try {
    return { ...readBody(body), error: null };
  } catch (error) {
    return { ...NOTHING, error: (error as Error).message };
  }
}

function verdictOf(body: ReadBody, became: Became): Verdict {
  const rows = body.statuses
    .map((status) => became.statuses.get(messageKey(status)))
    .filter((row) => row !== undefined);
  const numbers = body.inbound
    .map((message) => became.numbers.get(message.phoneNumberId))
    .filter((number) => number !== undefined);
  const notices = body.notices
    .map((notice) => became.notices.get(notice))
    .filter((notice) => notice !== undefined);
  const organizations = new Set([...rows, ...numbers, ...notices].map((row) => row.organizationId));
  const organizationId = organizations.size === 1 ? ([...organizations][0] ?? null) : null;
  const faults = [
    body.error,
    unreadParts(body.unread),
    strangeStatuses(rows),
    ownerlessMessages(numbers),
    ownerlessNotices(notices),
  ].filter((it) => it !== null);
  return { error: faults.length === 0 ? null : faults.join("; "), organizationId };
}

/** The rest of the body is applied; this waits for a person, or for a version that reads it. */
function unreadParts(unread: readonly string[]): string | null {
  if (unread.length === 0) return null;
  const further = unread.length > 1 ? ` and ${unread.length - 1} more` : "";
  return `cannot be read: ${unread[0]}${further}`;
}

/** A status that names a job of ours through a number that is not its sender's is put aside with the whole body. */
function strangeStatuses(rows: readonly AppliedStatus[]): string | null {
  const strange = rows.filter((row) => row.claimsAJob && !row.applied).length;
  return strange === 0
    ? null
    : `${strange} of ${rows.length} statuses name a message that the number they came from did not send`;
}

/** What a person wrote is for one organization's eyes: a number of none, or of several, has it wait. */
function ownerlessMessages(numbers: readonly ReceivingNumber[]): string | null {
  const strays = numbers.filter((number) => number.owners !== 1);
  if (strays.length === 0) return null;
  const whose = strays.some((number) => number.owners > 1)
    ? "that several organizations have"
    : "that no sender has";
  return `${strays.length} of ${numbers.length} messages came in for a number ${whose}`;
}

/** What is told of an account is for one organization's eyes too. */
function ownerlessNotices(notices: readonly OwnedNotice[]): string | null {
  const strays = notices.filter((notice) => notice.owners !== 1);
  if (strays.length === 0) return null;
  const whose = strays.some((notice) => notice.owners > 1)
    ? "that several organizations have"
    : "that no sender has (its WABA id: adsapp sender add --waba-id)";
  return `${strays.length} of ${notices.length} notices are about an account ${whose}`;
}
