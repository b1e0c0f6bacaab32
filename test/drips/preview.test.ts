import { describe, expect, it } from "vitest";
import preview from "../../src/drips/preview.command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { contact, s, timetable, usePreviews } from "./previews.ts";
import { drip } from "./setup.ts";

usePreviews();

describe("the command drip preview", () => {
  it("prints steps as a table in local time, as JSON the whole", async () => {
    const made = await makeDrip(s.database, s.organization, { steps: [{ text: "Hoi" }, { days: 1 }] });
    const argv = [made.name, "--contact", contact.phone, "--at", "2026-11-28T10:00:00+01:00"];
    const table = await s.run(preview, argv, { format: "table" });
    expect(table.stdout).toMatch(/Step\s+At\s+After\s+Would be/);
    expect(table.stdout).toMatch(/1\s+\S*.*10:00.*at once\s+sent.*Hoi/);
    expect(table.stderr).toContain("Then completed.");
    expect(JSON.parse((await s.run(preview, argv)).stdout)).toMatchObject({
      drip: made.name,
      refused: null,
      end: "completed",
      endsAt: "2026-11-29T09:00:00.000Z",
      steps: [
        {
          step: 1,
          at: "2026-11-28T09:00:00.000Z",
          delay: "at once",
          outcome: "sent",
          reason: null,
          text: "Hoi",
        },
        { step: 2 },
      ],
    });
  });

  it.each([
    ["neither", ["Leads"], "--contact or --days"],
    ["both", ["Leads", "--contact", "x", "--days", "3"], "--contact or --days"],
    [
      "--at with --days",
      ["Leads", "--days", "3", "--at", "2026-11-27T10:00:00Z"],
      "--at goes with --contact",
    ],
    ["a drip and a file", ["Leads", "-f", "x.yaml", "--days", "3"], "name a drip, or a file"],
  ])("refuses %s", async (_what, argv, message) => {
    expect(await s.run(preview, argv)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it("does not find another tenant's drip or contact", async () => {
    const made = await makeDrip(s.database, s.organization, {});
    const as = { organization: s.other.slug };
    expect(await s.run(preview, [made.id, "--contact", contact.id], as)).toMatchObject({ exitCode: 4 });
    const own = await makeDrip(s.database, s.other, { name: "Eigen" });
    expect(await s.run(preview, [own.name, "--contact", contact.id], as)).toMatchObject({ exitCode: 4 });
  });
});

describe("a preview changes nothing", () => {
  const TABLES = [
    "drip_campaigns",
    "drip_campaign_steps",
    "drip_enrollments",
    "drip_message_logs",
    "drip_first_steps",
    "contact_events",
    "campaign_analytics",
    "audit_log",
  ];
  /** every row of every table that a drip writes, as one checksum each */
  const everything = () =>
    Promise.all(
      TABLES.map((table) =>
        s.query(
          `select '${table}' as name, count(*), md5(string_agg(t::text, '|' order by t::text)) from ${table} t`,
        ),
      ),
    );

  it("whatever it is of, and whoever asks", async () => {
    await s.query("insert into contact_tags (organization_id, contact_id, tag) values ($1, $2, 'nieuw')", [
      s.organization.id,
      contact.id,
    ]);
    const made = await makeDrip(s.database, s.organization, {
      settings: { maxContactsPerDay: 2 },
      exitWhen: [{ tag: "weg" }],
    });
    await makeEnrollments(s.database, made, await makeContacts(s.database, s.organization, 5));
    const definition = drip({ name: made.name, trigger: { type: "tag_added", tag: "nieuw" } });
    const before = await everything();
    await timetable(made);
    await timetable(definition);
    for (const user of [undefined, s.organization.viewerId])
      expect(
        await s.run(
          preview,
          [made.name, "--days", "30"],
          user === undefined ? {} : { user: await emailOf(user) },
        ),
      ).toMatchObject({ exitCode: 0 });
    expect(await everything()).toEqual(before);
  });

  const emailOf = async (id: string) =>
    (await s.query<{ email: string }>("select email from profiles where id = $1", [id]))[0]?.email as string;
});
