import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { documentOf } from "../../src/cli/output/data.ts";
import { listColumns } from "../../src/contacts/columns.ts";
import { allContacts } from "../../src/contacts/export.ts";
import { operator } from "../../src/db/identity.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

/** What `contact export --all` tells of a person but for the database's own words (id, when it came to know them). */
const KNOWN = `
  select c.phone, c.bsuid, c.first_name, c.last_name, c.email, c.language, c.timezone, c.attributes,
         date_trunc('milliseconds', c.opted_in_at) as opted_in_at, c.opt_in_source, date_trunc('milliseconds', c.opted_out_at) as opted_out_at,
         c.opt_out_source, date_trunc('milliseconds', c.blocked_at) as blocked_at,
         array(select t.tag from contact_tags t where t.contact_id = c.id order by 1) as tags,
         array(select l.name from contact_list_members m join contact_lists l on l.id = m.list_id where m.contact_id = c.id order by 1) as lists
    from contacts c where c.organization_id = $1 order by coalesce(c.phone, c.bsuid)`;

/** Text as PostgreSQL keeps it and an import leaves it: no NUL, no half of a pair, no space around it. */
const text = (longest: number) =>
  fc
    .oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: longest }),
      fc.stringMatching(/^[=+\-@'"\t\r\n;,| a]{1,12}$/),
      fc.constantFrom('=HYPERLINK("x")', "'=1", "+31", 'Jan "de" Vries', "a;b", "Zoë 🎉", "\u202eabc", "-"),
    )
    .map((value) => value.replace(/[\0\p{Surrogate}]/gu, "").trim())
    .filter((value) => value !== "");
const json = fc
  .jsonValue({ maxDepth: 2, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(/\\u(0000|d[89a-f]..)/gi, "")));
const consent = fc.option(text(30), { nil: null });

const person = fc.record({
  bsuid: fc.option(fc.stringMatching(/^NL\.[A-Za-z0-9]{8,20}$/), { nil: null }),
  firstName: fc.option(text(40), { nil: null }),
  lastName: fc.option(text(40), { nil: null }),
  email: fc.constantFrom(null, "jan@example.com", "'jan'@example.com"),
  language: fc.constantFrom(null, "nl", "en_US"),
  timezone: fc.constantFrom(null, "Europe/Amsterdam"),
  attributes: fc.dictionary(
    text(20),
    fc.oneof(json, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), text(30)),
    { maxKeys: 4 },
  ),
  optIn: consent,
  optOut: consent,
  isBlocked: fc.boolean(),
  tags: fc.uniqueArray(text(20), { maxLength: 3 }),
  lists: fc.uniqueArray(text(20), { maxLength: 3 }),
});

type Person = typeof person extends fc.Arbitrary<infer P> ? P : never;

const INSERT = `
  with given as (
    select p.*, '+3161' || lpad(p.n::text, 7, '0') as phone from jsonb_to_recordset($2) as p(n int, bsuid text, "firstName" text, "lastName" text, email text,
           language text, timezone text, attributes jsonb, "optIn" text, "optOut" text, "isBlocked" boolean, tags text[], lists text[])
  ), made as (
    insert into contacts (organization_id, phone, bsuid, first_name, last_name, email, language, timezone, attributes, opted_in_at, opt_in_source,
                          opted_out_at, opt_out_source, blocked_at)
    select $1, g.phone, g.bsuid, g."firstName", g."lastName", g.email, g.language, g.timezone, g.attributes,
           case when g."optIn" is not null then now() - interval '1 year' end, g."optIn", case when g."optOut" is not null then now() - interval '1 month' end, g."optOut",
           case when g."isBlocked" then now() - interval '1 week' end
      from given g returning id, phone
  ), tagged as (
    insert into contact_tags (organization_id, contact_id, tag) select $1, m.id, t from made m join given g on g.phone = m.phone cross join unnest(g.tags) t
     where t = btrim(t) and t <> ''
  ), listed as (
    insert into contact_lists (organization_id, name) select distinct $1::uuid, l from given g cross join unnest(g.lists) l where btrim(l) <> '' returning id, name
  )
  insert into contact_list_members (organization_id, list_id, contact_id)
  select $1, l.id, m.id from made m join given g on g.phone = m.phone cross join unnest(g.lists) as w(name) join listed l on l.name = w.name`;

it("a contact export that is imported loses nothing, into an empty organization or into its own", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(person, { minLength: 1, maxLength: 8, selector: ({ bsuid }) => bsuid ?? {} }),
      async (people: Person[]) => {
        const [from, into] = [await s.tenant(), await s.tenant()];
        const rows = people.map((each, n) => ({ n, ...each }));
        await s.query(INSERT, [from.organization.id, JSON.stringify(rows)]);
        const { profileId, id } = from.organization;
        let csv = "";
        for await (const piece of documentOf(
          "csv",
          allContacts(s.database, operator(profileId), id),
          listColumns,
        ))
          csv += piece;
        const path = join(s.folder, "round.csv");
        writeFileSync(path, csv);
        const before = await s.query(KNOWN, [id]);
        expect(before).toHaveLength(people.length);
        expect(await into.importFile(path)).toMatchObject({ created: people.length, rejected: 0 });
        expect(await s.query(KNOWN, [into.organization.id])).toEqual(before);
        expect(await from.importFile(path)).toMatchObject({ unchanged: people.length, rejected: 0 });
        expect(await s.query(KNOWN, [id])).toEqual(before);
      },
    ),
    { numRuns: 15 },
  );
});

it("a number in a CSV's own column keeps the type that the attribute has", async () => {
  const { importLines, people, organization } = await s.tenant();
  await s.query(
    `insert into contacts (organization_id, phone, attributes) values ($1, '+31612345671', '{"score": 5, "vip": true, "plaats": "Ede"}')`,
    [organization.id],
  );
  await importLines(["mobiel;score;vip;plaats", "0612345671;5;true;Epe"]);
  expect(await people()).toMatchObject([{ attributes: { score: 5, vip: true, plaats: "Epe" } }]);
  await importLines(["mobiel;score", "0612345671;6"]);
  expect(await people()).toMatchObject([{ attributes: { score: "6", vip: true, plaats: "Epe" } }]);
});
