import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { type Identity, operator } from "../../src/db/identity.ts";
import preview from "../../src/drips/preview.command.ts";
import { previewDays } from "../../src/drips/preview-days.ts";
import { resolveOrganization } from "../../src/organizations/organization.ts";
import { logsOf, makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { drip, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { throughput: 1 });
});

afterAll(() => s.end());

/** The days that have messages, as `date: messages`. */
async function outlook(source: { name: string } | { definition: ReturnType<typeof drip> }, days = 30) {
  const organization = await s.asWorker((tx) => resolveOrganization(tx, s.organization.id));
  const rehearsal = { database: s.database, identity: operator(s.organization.viewerId), organization };
  const shown = await previewDays(rehearsal, source, days);
  const busy = shown.days.filter(({ messages }) => messages > 0);
  return { ...shown, busy: Object.fromEntries(busy.map(({ date, messages }) => [date, messages])) };
}

async function running(people: number, given: object = {}) {
  const made = await makeDrip(s.database, s.organization, given);
  const contacts = await makeContacts(s.database, s.organization, people);
  return { made, entered: await makeEnrollments(s.database, made, contacts) };
}

describe("drip preview --days", () => {
  it("counts by local day what everyone who is in it is still to get, and the days without", async () => {
    const { made, entered } = await running(10);
    await settleSteps(s.database, entered.slice(0, 4), "sent");
    const shown = await outlook({ name: made.name });
    expect(shown.busy).toEqual({ "2026-11-27": 6, "2026-11-29": 10, "2026-12-04": 10 });
    expect(shown.days).toHaveLength(30);
    expect([shown.days[0]?.date, shown.days.at(-1)?.date, shown.people]).toEqual([
      "2026-11-27",
      "2026-12-26",
      10,
    ]);
  });

  it("stops at its last day, and a day is the organization's", async () => {
    const { made } = await running(2, { steps: [{ days: 2, sendAt: "00:30" }, { days: 1 }] });
    expect((await outlook({ name: made.name }, 3)).busy).toEqual({ "2026-11-29": 2 });
    expect((await outlook({ name: made.name }, 4)).busy).toEqual({ "2026-11-29": 2, "2026-11-30": 2 });
  });

  it("spreads first steps over the days with room, and what follows with them", async () => {
    const { made } = await running(5, { settings: { maxContactsPerDay: 2 }, steps: [{}, { days: 1 }] });
    expect((await outlook({ name: made.name })).busy).toEqual({
      "2026-11-27": 2,
      "2026-11-28": 4,
      "2026-11-29": 3,
      "2026-11-30": 1,
    });
  });

  it("is what then happens when each message goes out at its time", async () => {
    const { made, entered } = await running(6, {
      settings: { maxContactsPerDay: 4, respectBusinessHours: true },
      steps: [{ hours: 1 }, { days: 1, sendAt: "09:00" }, { hours: 20 }, { weeks: 1 }],
    });
    const { busy } = await outlook({ name: made.name });
    const happened: Record<string, number> = {};
    for (let round = 0; round < 4; round++)
      for (const { enrollmentId, scheduledFor } of (await logsOf(s.database, made)).filter(
        ({ status }) => status === "pending",
      )) {
        await settleSteps(s.database, [{ id: enrollmentId }], "sent", { at: scheduledFor });
        const day = new Date(scheduledFor.getTime() + 3_600_000).toISOString().slice(0, 10);
        happened[day] = (happened[day] ?? 0) + 1;
      }
    expect(busy).toEqual(happened);
    expect(Object.values(busy).reduce((sum, n) => sum + n)).toBe(entered.length * 4);
  });

  it("waits for quiet hours to end", async () => {
    const { made } = await running(1, {
      settings: { quietHours: ["20:00", "09:00"] },
      steps: [{ hours: 11 }, { hours: 1 }],
    });
    expect((await outlook({ name: made.name })).busy).toEqual({ "2026-11-28": 2 });
  });

  it("leaves out who is paused, and who has left", async () => {
    const { made, entered } = await running(3, { steps: [{ days: 1 }] });
    const become = (status: string, id = "") =>
      s.query("update drip_enrollments set status = $2 where id = $1", [id, status]);
    await become("paused", entered[0]?.id);
    await become("dropped", entered[1]?.id);
    expect(await outlook({ name: made.name })).toMatchObject({ people: 1, busy: { "2026-11-28": 1 } });
  });

  it("of a file, or a draft, counts who has its trigger's tag, and who could not enter", async () => {
    await makeContacts(s.database, s.organization, 3, { tags: ["beurs"] });
    await makeContacts(s.database, s.organization, 1, {
      tags: ["beurs"],
      optedOutAt: new Date("2026-01-01"),
    });
    const trigger = { type: "tag_added", tag: "beurs" };
    const expected = {
      people: 3,
      refused: { opted_out: 1 },
      busy: { "2026-11-27": 3, "2026-11-29": 3, "2026-12-04": 3 },
    };
    expect(await outlook({ definition: drip({ name: "Beurs", trigger }) })).toMatchObject(expected);
    const made = await makeDrip(s.database, s.organization, { name: "Beurs", status: "draft", trigger });
    expect(await outlook({ name: made.name })).toMatchObject(expected);
  });

  it("says so where nobody can know who will enter", async () => {
    const shown = await outlook({
      definition: drip({ name: "Later", trigger: { type: "contact_created" } }),
    });
    expect(shown).toMatchObject({ people: null, busy: {} });
    expect(shown.warnings.join()).toContain("nobody knows yet who will enter");
  });

  it("has the share of the sender's day: its throughput, or its portfolio's limit where that is less", async () => {
    const { made } = await running(9, { steps: [{}] });
    expect(await outlook({ name: made.name }, 1)).toMatchObject({
      sender: "main",
      possible: 86_400,
      days: [{ messages: 9, share: 0.01 }],
    });
    await s.query(
      `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', 250) returning id)
       update senders set portfolio_id = p.id from p where senders.organization_id = $1`,
      [s.organization.id],
    );
    expect(await outlook({ name: made.name }, 1)).toMatchObject({
      possible: 250,
      days: [{ messages: 9, share: 3.6 }],
    });
  });

  it("draws a chart for people, and gives date, messages and share to scripts", async () => {
    const { made } = await running(4, { steps: [{}, { days: 1, when: { tag: "leads" } }] });
    const argv = [made.name, "--days", "3"];
    const table = await s.run(preview, argv, { format: "table" });
    expect(table.stdout).toMatch(/4\s+█{30}\s/);
    expect(table.stderr).toContain("4 people, sender main");
    expect(table.stderr).toContain("conditions are not foreseen");
    const csv = (await s.run(preview, argv, { format: "csv" })).stdout.trim().split(/\r?\n/);
    expect(csv[0]).toBe("date,messages,share");
    expect(csv.slice(1).map((line) => line.split(",").slice(0, 2))).toEqual([
      ["2026-11-27", "4"],
      ["2026-11-28", "4"],
      ["2026-11-29", "0"],
    ]);
    expect(JSON.parse((await s.run(preview, argv)).stdout)[0]).toMatchObject({
      date: "2026-11-27",
      messages: 4,
    });
  });

  it("asks the database no more for a thousand people than for ten", { timeout: 60_000 }, async () => {
    const counted = async (people: number) => {
      const { made } = await running(people, { steps: [{}, { days: 1 }] });
      const organization = await s.asWorker((tx) => resolveOrganization(tx, s.organization.id));
      const database = new CountingDatabase({ url: s.database.url });
      const rehearsal = { database, identity: operator(s.organization.profileId), organization };
      const shown = await previewDays(rehearsal, { name: made.name }, 5);
      await database.close();
      return { queries: database.queries, people: shown.people };
    };
    const few = await counted(10);
    expect(few.queries).toBeGreaterThan(5);
    expect(await counted(1000)).toEqual({ queries: few.queries, people: 1000 });
  });
});

class CountingDatabase extends Database {
  queries = 0;

  override transaction<T>(identity: Identity, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return super.transaction(identity, (tx) =>
      work({
        client: tx.client,
        query: (sql, parameters) => {
          this.queries++;
          return tx.query(sql, parameters);
        },
        one: (sql, parameters) => {
          this.queries++;
          return tx.one(sql, parameters);
        },
        prepared: (sql, parameters) => {
          this.queries++;
          return tx.prepared(sql, parameters);
        },
        run: (sql, parameters) => {
          this.queries++;
          return tx.run(sql, parameters);
        },
      }),
    );
  }
}
