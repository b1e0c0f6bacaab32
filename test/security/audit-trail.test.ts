import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { TOKEN, template, WABA } from "../templates/syncing.ts";

const DEFINITION = `kind: broadcast
name: New
type: promotional
targetAudience: { type: all }
message: { type: text, content: Hoi }
`;
const TEMPLATE = `kind: template
name: new
language: nl
category: MARKETING
components: [ { type: BODY, text: Hoi } ]
`;
const DRIP = (name: string, delay: string) => `kind: drip
name: ${name}
trigger: { type: manual }
steps: [ { delay: ${delay}, message: { type: text, content: Hoi } } ]
`;
const RULE = `kind: rule
name: New
trigger: { type: tag_added, tag: leads }
actions: [ { type: add_tag, tag: seen } ]
`;
const FIRST = "+31610000001";
const SECOND = "+31610000002";
const THIRD = "+31610000003";

interface Step {
  command: string;
  words: string[];
  /** table and action that the log has of it, at least */
  says: string;
  /** nobody's in particular: whoever may run the program on this host */
  nobody?: true;
}

const step = (command: string, says: string, ...words: string[]): Step => ({ command, words, says });

/** Each command that changes something, in an order in which each finds something to change. */
const STEPS: Step[] = [
  step("org set", "organizations update", "--name", "Mine"),
  step("org pause", "organizations update"),
  step("org resume", "organizations update"),
  step("org token", "organization_tokens insert", "create", "webshop"),
  step("org token", "organization_tokens update", "revoke", "webshop"),
  step("user add", "profiles insert", "new@jansen.example"),
  step("user remove", "profiles delete", "new@jansen.example"),
  step("sender add", "senders insert", "new", "--provider", "log"),
  step("sender set", "portfolios update", "new", "--messaging-limit", "100"),
  step("sender resume", "senders update", "halted"),
  step("template add", "message_templates insert", "-f", "template.yaml"),
  step("template sync", "message_templates insert"),
  step("contact import", "contact_imports insert", "contacts.csv"),
  step("import undo", "contact_imports update", "the import"),
  step("contact review", "messages update", "dismiss", "wamid.unclear"),
  step("contact tag", "contact_tags insert", "vip", FIRST),
  step("contact untag", "contact_tags delete", "vip", FIRST),
  step("contact opt-out", "contacts update", FIRST),
  step("contact opt-in", "contacts update", FIRST),
  step("contact block", "contacts update", FIRST),
  step("contact unblock", "contacts update", FIRST),
  step("list create", "contact_lists insert", "new"),
  step("list add", "contact_list_members insert", "new", FIRST),
  step("list remove", "contact_list_members delete", "new", FIRST),
  step("campaign create", "bulk_campaigns insert", "-f", "definition.yaml"),
  step("campaign clone", "bulk_campaigns insert", "New", "Copy"),
  step("campaign delete", "bulk_campaigns delete", "Copy"),
  step("campaign test", "bulk_campaigns test", "New", "--to", FIRST),
  step("campaign schedule", "bulk_campaigns update", "New", "--at", "2036-12-24T10:00:00+01:00"),
  step("campaign start", "bulk_campaigns update", "Draft"),
  step("campaign pause", "bulk_campaigns update", "Draft"),
  step("campaign resume", "bulk_campaigns update", "Draft"),
  step("campaign retry", "bulk_campaigns retry", "Ran", "--failed"),
  step("job resolve", "bulk_campaigns resolve", "--campaign", "Ran", "--verdict", "sent"),
  step("campaign cancel", "bulk_campaigns update", "Draft"),
  step("drip create", "drip_campaigns insert", "-f", "drip.yaml"),
  step("drip clone", "drip_campaigns insert", "New", "Copy"),
  step("drip activate", "drip_campaigns update", "New"),
  step("drip enroll", "drip_enrollments insert", "New", "--contact", SECOND),
  step("drip update", "drip_campaigns move", "-f", "changed.yaml", "--migrate-active"),
  step("drip unenroll", "drip_enrollments update", "New", "--contact", SECOND),
  step("drip pause", "drip_campaigns update", "New"),
  step("drip free", "drip_campaigns free", "Stuck"),
  step("drip archive", "drip_campaigns update", "New"),
  step("apply", "message_templates insert", "plan.folder"),
  step("rule create", "automation_rules insert", "-f", "rule.yaml"),
  step("rule disable", "automation_rules update", "New"),
  step("rule enable", "automation_rules update", "New"),
  step("event emit", "contact_events insert", "purchased", "--contact", FIRST),
  step("event import", "contact_events insert", "events.ndjson"),
  step("conversation assign", "conversations update", FIRST),
  step("conversation reply", "messages insert", FIRST, "Hoi"),
  step("conversation close", "conversations update", FIRST),
  step("conversation rate", "satisfaction_ratings insert", FIRST, "5"),
  step("agent online", "agent_sessions insert"),
  step("agent offline", "agent_sessions update"),
  step("source create", "channel_sources insert", "Poster", "--type", "qr_code"),
  step("contact erase", "contacts update", THIRD),
  { ...step("prune", "organizations prune"), nobody: true },
  { ...step("rebuild", "organizations rebuild", "--since", "2026-01-01"), nobody: true },
];

/** What works by itself, for every organization, and the table that tells of it. */
const BY_THEMSELVES: Record<string, string> = {
  tick: "tick_runs",
  "webhook serve": "webhook_inbox",
  "webhook ingest": "webhook_inbox",
  "webhook replay": "webhook_inbox",
  "webhook dismiss": "webhook_inbox",
};

let w: World;
let organization: Awaited<ReturnType<typeof makeOrganization>>;
let simulator: Awaited<ReturnType<typeof startSimulator>>;
let importId = "";

beforeAll(async () => {
  w = await makeWorld();
  simulator = await startSimulator({ templates: [template("een")], token: TOKEN });
  const { database } = w;
  organization = await makeOrganization(database, {
    slug: "jansen",
    settings: { retention: { webhookBodies: "1 day" } },
  });
  await makeSender(database, organization);
  await makeSender(database, organization, { name: "halted", haltReason: "190" });
  await makeSender(database, organization, {
    name: "cloud",
    provider: "whatsapp-cloud",
    apiUrl: `${simulator.url}/v25.0`,
    wabaId: WABA,
    tokenEnv: "TOKEN",
  });
  const [first, , third] = await makeContacts(database, organization, 3, { lastInboundAt: new Date() });
  await makeCampaign(database, organization, {
    name: "Draft",
    status: "draft",
    message: { type: "text", content: "Hoi" },
  });
  const ran = await makeCampaign(database, organization, { name: "Ran", status: "completed" });
  await makeJobs(database, await makeRun(database, ran), { failed: 1, unknown: 1 });
  const stuck = await makeDrip(database, organization, { name: "Stuck" });
  await makeEnrollments(database, stuck, [third as { id: string }]);
  await database.transaction(owner, async (tx) => {
    await tx.run("update drip_message_logs set next_attempt_at = null where campaign_id = $1", [stuck.id]);
    await tx.run(
      `insert into messages (organization_id, contact_id, direction, type, body, status, consent, provider_message_id)
       values ($1, $2, 'inbound', 'text', 'stop?', 'received', 'review', 'wamid.unclear')`,
      [organization.id, (first as { id: string }).id],
    );
    await tx.run(
      "insert into webhook_inbox (organization_id, body, received_at, processed_at) values ($1, '{}', adsapp_now() - interval '9 days', adsapp_now() - interval '9 days')",
      [organization.id],
    );
  });
  const files = {
    "definition.yaml": DEFINITION,
    "template.yaml": TEMPLATE,
    "drip.yaml": DRIP("New", "1d"),
    "changed.yaml": DRIP("New", "2d"),
    "rule.yaml": RULE,
    "events.ndjson": `${JSON.stringify({ event: "purchased", contact: FIRST })}\n`,
    "contacts.csv": "phone\n0612345678\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(w.home, name), text);
  mkdirSync(join(w.home, "plan.folder"));
  writeFileSync(join(w.home, "plan.folder", "template.yaml"), TEMPLATE.replace("name: new", "name: planned"));
});

afterAll(async () => {
  await simulator.close();
  await w.end();
});

interface Entry {
  actor: string | null;
  says: string;
  details: object;
}

async function entriesOf({ command, words }: Step): Promise<{ entries: Entry[]; stderr: string }> {
  const query = <R extends object>(sql: string, parameters: unknown[] = []) =>
    w.database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const [last] = await query<{ id: number }>("select coalesce(max(id), 0) as id from audit_log");
  const entry = commands.find(({ path }) => path === command) as (typeof commands)[number];
  const inHome = words.map((word) =>
    /\.(yaml|csv|ndjson|folder)$/.test(word) ? join(w.home, word) : word === "the import" ? importId : word,
  );
  const { stderr } = await runCommand((await entry.load()).default, inHome, {
    databaseUrl: w.url,
    organization: organization.slug,
    yes: true,
    home: w.home,
    env: { TOKEN },
  });
  const entries = await query<Entry>(
    "select actor, subject_type || ' ' || action as says, details from audit_log where id > $1 and organization_id = $2 order by id",
    [last?.id, organization.id],
  );
  return { entries, stderr };
}

describe("the audit log has an entry, with who and what,", () => {
  it("of every command that changes something: each is in the list below, or works by itself", async () => {
    const specs = await Promise.all(
      commands.map(async ({ path, load }) => ({ path, ...(await load()).default })),
    );
    const writing = specs.filter(({ writes = false }) => writes !== false).map(({ path }) => path);
    const judged = new Set([...STEPS.map(({ command }) => command), ...Object.keys(BY_THEMSELVES)]);
    expect([...judged].toSorted()).toEqual(writing.toSorted());
  });

  it("after each of them", async () => {
    const missing: string[] = [];
    for (const one of STEPS) {
      if (one.command === "rebuild") await hurtANumber();
      const { entries, stderr } = await entriesOf(one);
      if (one.command === "contact import") importId = await lastImport();
      const whose = one.nobody === true ? null : organization.profileId;
      const found = entries.some(({ actor, says }) => says === one.says && actor === whose);
      if (!found) missing.push(`${one.command} ${one.words.join(" ")}: ${JSON.stringify(entries)} ${stderr}`);
    }
    expect(missing).toEqual([]);
  });

  it("and in it no phone and no token's hash", async () => {
    const [all] = await w.database.transaction(worker, (tx) =>
      tx.query<{ text: string }>("select string_agg(details::text, ' ') as text from audit_log"),
    );
    expect(all?.text).not.toMatch(/316\d{8}|token_hash/);
  });
});

async function lastImport(): Promise<string> {
  const [row] = await w.database.transaction(worker, (tx) =>
    tx.query<{ id: string }>("select id from contact_imports order by created_at desc limit 1"),
  );
  return row?.id ?? "";
}

async function hurtANumber(): Promise<void> {
  await w.database.transaction(worker, (tx) =>
    tx.run("update campaign_analytics set messages_failed = messages_failed + 7"),
  );
}
