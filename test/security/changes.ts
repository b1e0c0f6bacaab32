// Malformed input at the doors that write: all of it, or nothing of it, and the report says what.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { expect } from "vitest";
import { importContacts } from "../../src/contacts/import.ts";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { UserError } from "../../src/errors.ts";
import { importEvents } from "../../src/events/import.ts";
import { type Organization, resolveOrganization } from "../../src/organizations/organization.ts";
import { ingestFiles } from "../../src/webhooks/ingest.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeContacts, makeOrganization, makeSender } from "../support/factories.ts";
import { messagesBody } from "../webhooks/messages.ts";
import { NUMBER } from "../webhooks/setup.ts";
import { csvBytes, webhookBody } from "./front-doors.ts";

export interface Doors {
  database: Database;
  organization: Organization;
  profileId: string;
  folder: string;
}

/** Every row that these doors may write, but for the audit log and the raw bodies. */
const TABLES = [
  "contacts",
  "contact_tags",
  "contact_lists",
  "contact_list_members",
  "contact_imports",
  "contact_events",
  "messages",
  "conversations",
  "account_notices",
];

async function everything({ database }: Doors): Promise<string> {
  const digests = TABLES.map(
    (table) =>
      `select '${table} ' || md5(coalesce(string_agg(t::text, '' order by t::text), '')) as digest from ${table} t`,
  );
  const rows = await database.transaction(worker, (tx) =>
    tx.query<{ digest: string }>(digests.join(" union all ")),
  );
  return rows.map(({ digest }) => digest).join("\n");
}

export async function countOf({ database }: Doors, what: string): Promise<number> {
  const [row] = await database.transaction(worker, (tx) =>
    tx.query<{ n: number }>(`select count(*)::int as n from ${what}`),
  );
  return row?.n ?? -1;
}

/** Refused with one message, exit code 2, and nothing changed; or undefined where it was taken. */
async function refusalOf<T>(doors: Doors, work: () => Promise<T>): Promise<T | undefined> {
  const before = await everything(doors);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.exitCode).toBe(2);
    expect(error.message.length).toBeLessThan(20_000);
    expect(await everything(doors)).toBe(before);
    return undefined;
  }
}

/** A contacts file: every row is one of created, updated, unchanged, skipped and rejected, and what was created is there. */
export const contactsDoor = (doors: Doors) =>
  fc.asyncProperty(csvBytes, async (bytes) => {
    const file = join(doors.folder, "contacts.csv");
    writeFileSync(file, bytes);
    const people = await countOf(doors, "contacts");
    const report = await refusalOf(doors, () =>
      importContacts(doors.database, operator(doors.profileId), doors.organization, file, {
        country: "NL",
        tags: ["fuzz"],
        list: "fuzz",
        onDuplicate: "update",
        force: true,
        dryRun: false,
      }),
    );
    if (report === undefined) return;
    const { rows, created, updated, unchanged, skipped, rejected } = report;
    expect(created + updated + unchanged + skipped + rejected).toBe(rows);
    expect(await countOf(doors, "contacts")).toBe(people + created);
  });

export const eventLine: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '{"event":"purchased","contact":"+31610000001"}',
    '{"event":"purchased","contact":"0610000002","data":{"amount":12.5},"eventId":"e-1"}',
    '{"event":"purchased","contact":"+31699999999"}',
    '{"event":"","contact":"+31610000001"}',
    '{"event":"purchased","contact":"+31610000001","occurredAt":"yesterday"}',
    '{"event":"purchased","contact":"+31610000001","data":[1]}',
    '{"event":"a\\u0000b","contact":"+31610000001","data":{"x":"\\ud800"}}',
    '{"__proto__":{"event":"x"},"contact":"+31610000001"}',
    "[".repeat(5_000),
    "",
  ),
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: "binary", maxLength: 200 }),
);

/** A file of events: each line that is not blank is stored, known already, or rejected; what was stored is there. */
export const eventsDoor = (doors: Doors) =>
  fc.asyncProperty(fc.array(eventLine, { maxLength: 12 }), async (lines) => {
    const file = join(doors.folder, "events.ndjson");
    writeFileSync(file, lines.join("\n"));
    const events = await countOf(doors, "contact_events");
    const report = await refusalOf(doors, () =>
      importEvents(doors.database, operator(doors.profileId), doors.organization, file),
    );
    if (report === undefined) return;
    expect(report.stored + report.duplicates + report.rejected).toBe(report.lines);
    expect(report.examples.length).toBeLessThanOrEqual(10);
    expect(await countOf(doors, "contact_events")).toBe(events + report.stored);
  });

/** Bodies of webhooks: each is stored as it came and then applied, or put aside with its error and without a trace. */
export const bodiesDoor = (doors: Doors) =>
  fc.asyncProperty(fc.array(webhookBody, { minLength: 1, maxLength: 8 }), async (bodies) => {
    const lines = bodies.map((body) => body.replaceAll(/[\r\n]/g, " "));
    const stored = await countOf(doors, "webhook_inbox");
    const { bodies: n } = await ingestFiles(
      doors.database,
      ["-"],
      Readable.from([Buffer.from(lines.join("\n"))]),
    );
    expect(await countOf(doors, "webhook_inbox")).toBe(stored + n);
    expect(await countOf(doors, "webhook_inbox where processed_at is null and error is null")).toBe(0);
    expect(await countOf(doors, "webhook_inbox where length(error) > 600")).toBe(0);
  });

/** One that is refused beside one that is right leaves the right one applied, and nothing of itself. */
export const mixedBodiesDoor = (doors: Doors) => {
  let n = 0;
  return fc.asyncProperty(webhookBody, async (body) => {
    const line = body.replaceAll(/[\r\n]/g, " ");
    await ingestFiles(
      doors.database,
      ["-"],
      Readable.from([
        Buffer.from(`${line}\n${messagesBody([{ id: `wamid.right.${++n}`, from: "31610000001" }])}\n`),
      ]),
    );
    expect(await countOf(doors, `messages where provider_message_id = 'wamid.right.${n}'`)).toBe(1);
  });
};

/** A database with an organization, two people, a number of Meta's, and a folder for files. */
export async function makeDoors(): Promise<Doors & { url: string; end(): Promise<void> }> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const folder = mkdtempSync(join(tmpdir(), "adsapp-doors-"));
  const { profileId, ...made } = await makeOrganization(database);
  await makeSender(database, made, { provider: "whatsapp-cloud", phoneNumberId: NUMBER });
  await makeContacts(database, made, 2, { tags: ["vip"] });
  const organization = await database.transaction(worker, (tx) => resolveOrganization(tx, made.slug));
  return {
    url: testDatabase.url,
    database,
    organization,
    profileId,
    folder,
    async end() {
      await database.close();
      await testDatabase.drop();
      rmSync(folder, { recursive: true });
    },
  };
}
