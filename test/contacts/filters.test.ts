import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import {
  block,
  type ContactPage,
  contactsMeant,
  listContacts,
  unblock,
} from "../../src/contacts/contacts.ts";
import { prefixesOfCountry } from "../../src/contacts/country.ts";
import { filterOf } from "../../src/contacts/filter.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { tick } from "../../src/tick/tick.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeJobs, makeRun, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
let shop: Awaited<ReturnType<Setup["tenant"]>>;

beforeAll(async () => {
  s = await setup();
  shop = await s.tenant();
  await s.query(
    `insert into contacts (organization_id, phone, first_name, last_name, email, language, attributes, created_at, last_inbound_at, blocked_at, erased_at) values
       ($1, '+31612345671', 'Jan', 'de Vries', 'jan@example.com', 'nl', '{"city": "Ede", "score": 5}', '2026-01-31T22:59:00Z', null, null, null),
       ($1, '+31612345672', 'Eva', 'Bos', null, 'nl_BE', '{"city": "Gent"}', '2026-01-31T23:00:00Z', '2026-06-01T10:00:00Z', null, null),
       ($1, '+32470123456', 'Noor', '100%', null, 'en', '{}', '2026-03-01T10:00:00Z', '2026-07-01T10:00:00Z', null, null),
       ($1, '+12025550123', 'Sam', null, null, null, '{}', '2026-03-01T10:00:00Z', null, '2026-03-02T10:00:00Z', null),
       ($1, '+14165550123', 'Max', null, null, null, '{}', '2026-03-01T10:00:00Z', null, null, null),
       ($1, null, null, null, null, null, '{}', '2026-03-01T10:00:00Z', null, null, '2026-03-02T10:00:00Z')`,
    [shop.organization.id],
  );
});

afterAll(() => s.end());

const asOperator = <T>(work: Parameters<typeof s.database.transaction<T>>[1]) =>
  s.database.transaction(operator(shop.organization.profileId), work);
const names = async (page: Partial<ContactPage>) =>
  (await asOperator((tx) => listContacts(tx, shop.organization.id, { limit: 100, ...page }))).map(
    ({ firstName }) => firstName,
  );
const sorted = async (page: Partial<ContactPage>) => (await names(page)).sort();

describe("contacts are filtered", () => {
  it.each([
    ["by language, with its countries", { language: "nl" }, ["Eva", "Jan"]],
    ["by one language of a country", { language: "nl_BE" }, ["Eva"]],
    ["by an attribute, whatever its type", { attributes: { score: "5", city: "Ede" } }, ["Jan"]],
    ["by an attribute that nobody has", { attributes: { city: "ede" } }, []],
    ["by part of a name, whatever its case", { search: "JAN DE" }, ["Jan"]],
    ["by text that is a pattern elsewhere", { search: "100%" }, ["Noor"]],
    ["by email", { search: "@example" }, ["Jan"]],
    ["by part of a phone", { search: "2345672" }, ["Eva"]],
    [
      "by when they became known, a day being the organization's own",
      { createdBefore: "2026-02-01T00:00" },
      ["Jan"],
    ],
    [
      "by an instant",
      { createdAfter: "2026-01-31T23:00:00Z", createdBefore: "2026-02-02T00:00:00Z" },
      ["Eva"],
    ],
    ["by who wrote since", { inboundAfter: "2026-06-15T00:00" }, ["Noor"]],
    [
      "by who did not write since, or never",
      { inboundBefore: "2026-06-15T00:00" },
      ["Eva", "Jan", "Max", "Sam"],
    ],
    ["by a block", { blocked: true }, ["Sam"]],
    ["by all of these at once", { language: "nl", inboundAfter: "2026-01-01T00:00" }, ["Eva"]],
    ["and erased people are nobody", {}, ["Eva", "Jan", "Max", "Noor", "Sam"]],
  ])("%s", async (_how, filter, expected) => {
    expect(await sorted(filter)).toEqual(expected);
    expect(await asOperator((tx) => contactsMeant(tx, shop.organization.id, filter))).toHaveLength(
      expected.length,
    );
  });

  it.each([
    ["NL", ["Eva", "Jan"]],
    ["be", ["Noor"]],
    ["US", ["Sam"]],
    ["CA", ["Max"]],
    ["DE", []],
  ])("by the country of their phone, %s, where countries share a code too", async (country, expected) => {
    expect(await sorted((await filterOf({ country })) ?? {})).toEqual(expected);
  });

  it("by a country that is none: refused", async () => {
    await expect(prefixesOfCountry("XX")).rejects.toMatchObject({ exitCode: 2 });
    await expect(filterOf({ attribute: ["city"] })).rejects.toMatchObject({ exitCode: 2 });
  });

  it("a page at a time, nobody twice and nobody left out, though many came at once", async () => {
    const seen: (string | null)[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await asOperator((tx) => listContacts(tx, shop.organization.id, { limit: 2, after }));
      seen.push(...page.map(({ firstName }) => firstName));
      if (page.length < 2) break;
      after = page.at(-1)?.id;
    }
    expect(seen.sort()).toEqual(["Eva", "Jan", "Max", "Noor", "Sam"]);
  });
});

it("a block stops all that waits, also what is transactional, and ends drips; unblock lets messages through again", async () => {
  const tenant = await s.tenant();
  const { organization } = tenant;
  await makeSender(s.database, organization);
  const contacts = await makeContacts(s.database, organization, 2);
  const ids = [contacts[0]?.id as string];
  const drip = await makeDrip(s.database, organization, { settings: { transactional: true } });
  await makeEnrollments(s.database, drip, contacts);
  const run = await makeRun(
    s.database,
    await makeCampaign(s.database, organization, { type: "transactional" }),
  );
  const jobs = await makeJobs(s.database, run, { pending: 2 }, { contacts });
  const change = (what: typeof block) =>
    s.database.transaction(operator(organization.profileId), (tx) => what(tx, organization.id, ids));
  expect([await change(block), await change(block)]).toEqual([1, 0]);
  const folder = mkdtempSync(join(tmpdir(), "adsapp-block-"));
  const { signal } = new AbortController();
  const options = {
    env: {},
    leaseSeconds: 30,
    budgetSeconds: 20,
    drain: true,
    stopping: signal,
    aborting: signal,
  };
  await tick({
    ...options,
    database: s.database,
    organizationId: organization.id,
    logFile: join(folder, "out.ndjson"),
  });
  rmSync(folder, { recursive: true });
  const became = await s.query(
    "select j.contact_id = $2 as blocked, j.status, j.skip_reason from bulk_message_jobs j where j.organization_id = $1 order by 1",
    [organization.id, ids[0]],
  );
  expect(jobs).toHaveLength(2);
  expect(became).toEqual([
    { blocked: false, status: "sent", skipReason: null },
    { blocked: true, status: "skipped", skipReason: "blocked" },
  ]);
  expect(
    await s.query("select status, exit_reason from drip_enrollments where contact_id = $1", [ids[0]]),
  ).toEqual([{ status: "dropped", exitReason: "blocked" }]);
  expect(await change(unblock)).toBe(1);
  expect((await s.database.transaction(worker, (tx) => audit(tx, organization.id))).ok).toBe(true);
});
