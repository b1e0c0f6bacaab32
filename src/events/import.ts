import { type PhoneReader, phoneReader } from "../contacts/phone.ts";
import type { Database, Transaction } from "../db/database.ts";
import type { Identity } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { UserError } from "../errors.ts";
import { linesOf, textOfLine } from "../files/lines.ts";
import { openSource, type Source } from "../files/source.ts";
import type { Organization } from "../organizations/organization.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { type BadLine, readEvent, type ToldEvent, type ToldType } from "./event.ts";
import text from "./import.sql";

const sql = namedQueries(text, "storeEvents");

/** No event is as large as that. */
const LONGEST_LINE = 1024 * 1024;
const LINES_AT_ONCE = 5000;
const CHARACTERS_AT_ONCE = 8_000_000;
const EXAMPLES = 10;

export interface ImportedEvents {
  /** lines that are not blank */
  lines: number;
  stored: number;
  /** their event id was known already */
  duplicates: number;
  rejected: number;
  /** the first of them */
  examples: BadLine[];
}

/**
 * Takes in the events of a file (NDJSON, one event a line), in one transaction: all good lines or none. An event id that is
 * known changes nothing, so the same file again is harmless where its events have one. As operator.
 * @throws UserError (2) when it cannot be read or no line of it is good, (5) for viewers; then nothing was stored
 */
export async function importEvents(
  database: Database,
  identity: Identity,
  organization: Organization,
  path: string,
  type: ToldType = "custom_event",
): Promise<ImportedEvents> {
  const source = await openSource(path);
  try {
    const readPhone = await phoneReader(organization.defaultCountry);
    return await database.transaction(identity, async (tx) => {
      await refuseViewer(tx);
      return storeAll(tx, organization.id, source, readPhone, type);
    });
  } finally {
    source.close();
  }
}

async function storeAll(
  tx: Transaction,
  organizationId: string,
  source: Source,
  readPhone: PhoneReader,
  type: ToldType,
): Promise<ImportedEvents> {
  const report: ImportedEvents = { lines: 0, stored: 0, duplicates: 0, rejected: 0, examples: [] };
  const reject = (bad: readonly BadLine[]) => {
    report.rejected += bad.length;
    report.examples.push(...bad.slice(0, Math.max(0, EXAMPLES - report.examples.length)));
  };
  for await (const batch of batchesOf(source, readPhone)) {
    const good = batch.filter((each): each is ToldEvent => !("reason" in each));
    const { stored, unknown } = await storeEvents(tx, organizationId, good, type);
    const strange = unknown.map((line) => ({ line, reason: "contact not found" }));
    report.lines += batch.length;
    report.stored += stored;
    report.duplicates += good.length - stored - unknown.length;
    const bad = batch.filter((each): each is BadLine => "reason" in each);
    reject([...bad, ...strange].sort((a, b) => a.line - b.line));
  }
  refuseNothingGood(source.name, report);
  return report;
}

function refuseNothingGood(name: string, { lines, rejected, examples }: ImportedEvents): void {
  if (rejected < lines) return;
  const hint = "Nothing was changed.";
  if (lines === 0) throw new UserError(`${name} has no events`, { hint });
  const why = examples.slice(0, 5).map(({ line, reason }) => `\n  line ${line}: ${reason}`);
  throw new UserError(`every line of ${name} was rejected${why.join("")}`, { hint });
}

async function* batchesOf(source: Source, readPhone: PhoneReader): AsyncGenerator<(ToldEvent | BadLine)[]> {
  let batch: (ToldEvent | BadLine)[] = [];
  let characters = 0;
  for await (const { line, bytes } of linesOf(source, LONGEST_LINE)) {
    const text = bytes && textOfLine(bytes);
    if (text === "") continue;
    batch.push(
      text === undefined ? { line, reason: "is longer than 1 MB" } : readEvent(line, text, readPhone),
    );
    characters += text?.length ?? 0;
    if (batch.length < LINES_AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Stores events, all in one statement; what waits is worked off by the next tick. As operator.
 * @returns how many are new, and the lines whose contact the organization does not have
 */
export async function storeEvents(
  tx: Transaction,
  organizationId: string,
  events: readonly ToldEvent[],
  type: ToldType,
): Promise<{ stored: number; unknown: number[] }> {
  const row = await tx.one<{ stored: number; unknown: number[] }>(sql.storeEvents, [
    organizationId,
    events.map(({ line }) => line),
    events.map(({ phone }) => phone),
    events.map(({ bsuid }) => bsuid),
    events.map(({ id }) => id),
    events.map(({ name }) => name),
    events.map(({ data }) => data),
    events.map(({ eventId }) => eventId),
    events.map(({ occurredAt }) => occurredAt),
    type,
  ]);
  return row ?? { stored: 0, unknown: [] };
}
