import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { erasePerson } from "../../src/contacts/person.ts";
import { operator, owner } from "../../src/db/identity.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import { messagesBody, preferenceBody } from "../webhooks/messages.ts";
import { type Setup, setup } from "../webhooks/setup.ts";
import { tenantOf } from "./setup.ts";

export let s: Setup;
export let folder: string;

/** A database for a file's tests, whose books balance after each. */
export function useErasing(): void {
  beforeAll(async () => {
    s = await setup();
    folder = mkdtempSync(join(tmpdir(), "adsapp-erase-"));
  });

  afterEach(() => s.expectCleanAudit());

  afterAll(async () => {
    await s.end();
    rmSync(folder, { recursive: true, force: true });
  });
}

export const admin = () => operator(s.organization.profileId);
export const erase = (id: string, profileId = s.organization.profileId) =>
  s.database.transaction(operator(profileId), (tx) => erasePerson(tx, id));
export const contactOf = (phone: string) =>
  s.row<{ id: string }>("select id from contacts where organization_id = $1 and phone = $2", [
    s.organization.id,
    phone,
  ]);

/** Every row of every table in which one of these words stands. */
export async function rowsThatSay(words: readonly string[]): Promise<string[]> {
  return s.database.transaction(owner, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      "select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1",
    );
    const all = tables.map(
      ({ name }) =>
        `select '${name}: ' || to_jsonb(t)::text as said from ${name} t where exists (select from unnest($1::text[]) w where position(w in to_jsonb(t)::text) > 0)`,
    );
    return (await tx.query<{ said: string }>(all.join(" union all "), [words])).map(({ said }) => said);
  });
}

let people = 0;

/** Someone with all that may be stored: sent to, in a drip, answering, with tags, a list, events, an import, consent. */
export async function someone() {
  const n = ++people;
  const digits = `316123456${n + 10}`;
  const phone = `+${digits}`;
  const shop = tenantOf(s.database, s.organization, folder);
  const line = (name: string) => [
    "mobiel;voornaam;achternaam;email;plaats",
    `${phone};${name};Geheim${n};geheim${n}@example.com;Schuilplaats${n}`,
  ];
  await shop.importLines(line(`Verborgen${n}`), { tags: ["vip"], list: `klanten ${n}` });
  await shop.importLines(line(`Stiekem${n}`));
  const { id } = await contactOf(phone);
  const [other] = await makeContacts(s.database, s.organization, 1);
  const run = await makeRun(s.database, await makeCampaign(s.database, s.organization));
  await makeJobs(s.database, run, { sent: 2 }, { contacts: [{ id }, other as { id: string }] });
  const named = JSON.stringify({ type: "contacts", contacts: [phone, (other as { phone: string }).phone] });
  const asked = { any: [{ field: "phone", op: "eq", value: phone }, { tag: "vip" }] };
  const byEmail = { field: "email", op: "eq", value: `geheim${n}@example.com` };
  await s.rows("update bulk_campaigns set target_audience = $2 where id = $1", [run.campaignId, named]);
  await s.rows("update bulk_campaigns set target_audience = target_audience || '{\"v\": 2}' where id = $1", [
    run.campaignId,
  ]);
  await s.rows("update campaign_runs set definition = definition || $2 where campaign_id = $1", [
    run.campaignId,
    JSON.stringify({ audience: JSON.parse(named) }),
  ]);
  await s.rows("insert into contact_lists (organization_id, name, filter) values ($1, $2, $3)", [
    s.organization.id,
    `om ${n}`,
    JSON.stringify(asked),
  ]);
  await s.rows(
    "insert into automation_rules (organization_id, name, trigger_type, conditions, actions) values ($1, $2, 'contact_created', $3, '[]')",
    [s.organization.id, `om ${n}`, JSON.stringify(byEmail)],
  );
  const drip = await makeDrip(s.database, s.organization);
  await s.rows("update drip_campaigns set exit_when = $2 where id = $1", [
    drip.id,
    JSON.stringify([byEmail]),
  ]);
  await s.rows("update drip_campaign_steps set conditions = $2 where campaign_id = $1", [
    drip.id,
    JSON.stringify(asked),
  ]);
  await makeEnrollments(s.database, drip, [{ id }]);
  const contacts = [{ wa_id: digits, profile: { name: `Verborgen${n} Geheim${n}` } }];
  await s.apply(
    messagesBody(
      [
        { from: digits, text: { body: `Mijn geheim${n} adres` } },
        { from: (other as { phone: string }).phone.slice(1), text: { body: "Van een ander" } },
      ],
      { contacts },
    ),
    preferenceBody({ wa_id: digits, value: "stop", at: new Date(Date.now() - 60_000) }),
  );
  await s.rows(
    "update messages set body = $2, payload = '{}' where contact_id = $1 and direction = 'outbound'",
    [id, `Hoi Verborgen${n}`],
  );
  await s.rows(
    "insert into contact_events (organization_id, contact_id, type, name, data, event_id) values ($1, $2, 'custom_event', 'bought', $3, $4)",
    [s.organization.id, id, JSON.stringify({ for: `Geheim${n}` }), `order of Geheim${n}`],
  );
  await s.rows(
    `insert into satisfaction_ratings (organization_id, conversation_id, score, comment)
     select $1, id, 5, $3 from conversations where organization_id = $1 and contact_id = $2`,
    [s.organization.id, id, `Groeten, Geheim${n}`],
  );
  const merged = await s.row(
    `insert into contacts (organization_id, erased_at, merged_into, opted_out_at, opt_out_source) values ($1, now(), $2, now() - interval '1 day', $3) returning id`,
    [s.organization.id, id, `reply: Geheim${n} zegt STOP`],
  );
  await s.rows(
    "insert into messages (organization_id, direction, contact_id, type, status, body) values ($1, 'inbound', $2, 'text', 'received', $3)",
    [s.organization.id, merged.id, `Geheim${n}, voor de samenvoeging`],
  );
  return {
    id,
    phone,
    digits,
    other: other as { id: string; phone: string },
    campaignId: run.campaignId,
    words: [digits, `Verborgen${n}`, `Geheim${n}`, `geheim${n}`, `Stiekem${n}`, `Schuilplaats${n}`],
    shop,
  };
}
