// Two organizations that have one of everything, and what commands answer the one about the other's.
import { randomUUID } from "node:crypto";
import { commands } from "../../src/cli/commands.ts";
import { maskPhone } from "../../src/cli/output/index.ts";
import { worker } from "../../src/db/identity.ts";
import type { World } from "../cli/world.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import type { Thing } from "./names.ts";

export const OURS = "jansen";
export const THEIRS = "pietersen";

/** what an organization has, by name and id */
export type Things = Record<Thing, string[]>;

export async function makeThings(
  { database }: World,
  slug: string,
  prefix: string,
  people: number,
): Promise<Things> {
  const organization = await makeOrganization(database, { slug });
  const sender = await makeSender(database, organization, { name: `${prefix}-sender`, haltReason: "190" });
  const contacts = await makeContacts(database, organization, people, { tags: [`${prefix}-tag`] });
  const contact = contacts.at(-1) as { id: string; phone: string };
  const template = await makeTemplate(database, organization, { name: `${prefix.toLowerCase()}_template` });
  const campaign = await makeCampaign(database, organization, { name: `${prefix} Actie`, status: "paused" });
  const [job] = await makeJobs(database, await makeRun(database, campaign), { unknown: 1 });
  const drip = await makeDrip(database, organization, { name: `${prefix} Reeks` });
  await makeEnrollments(database, drip, [contact]);
  return database.transaction(worker, async (tx) => {
    const made = async (sql: string, ...parameters: unknown[]) =>
      (await tx.one<{ id: string }>(sql, [organization.id, ...parameters]))?.id ?? "";
    const rule = await made(
      "insert into automation_rules (organization_id, name, trigger_type, actions) values ($1, $2, 'contact_created', '[]') returning id",
      `${prefix} Regel`,
    );
    const list = await made(
      "insert into contact_lists (organization_id, name) values ($1, $2) returning id",
      `${prefix} lijst`,
    );
    const conversation = await made(
      "insert into conversations (organization_id, contact_id) values ($1, $2) returning id",
      contact.id,
    );
    const source = await made(
      "insert into channel_sources (organization_id, type, name, code) values ($1, 'qr_code', $2, upper(left($2, 4)) || '23') returning id",
      `${prefix} bron`,
    );
    const message = await made(
      "insert into messages (organization_id, direction, contact_id, type, body, status, consent, received_at, provider_message_id) values ($1, 'inbound', $2, 'text', 'stop?', 'received', 'review', adsapp_now(), $3) returning id",
      contact.id,
      `wamid.${slug}`,
    );
    const imported = await made(
      "insert into contact_imports (organization_id, file_name, file_hash) values ($1, 'a.csv', 'abc') returning id",
    );
    const token = await made(
      "insert into organization_tokens (organization_id, name, token_hash) values ($1, $2, sha256(convert_to($2, 'UTF8'))) returning id",
      `${prefix} token`,
    );
    return {
      campaign: [campaign.name, campaign.id],
      contact: [contact.phone, contact.id],
      conversation: [contact.phone, conversation],
      source: [`${prefix} bron`, source],
      drip: [drip.name, drip.id],
      import: [imported],
      job: [job?.id ?? ""],
      list: [`${prefix} lijst`, list],
      message: [`wamid.${slug}`, message],
      rule: [`${prefix} Regel`, rule],
      sender: [sender.name, sender.id],
      tag: [`${prefix}-tag`],
      token: [`${prefix} token`, token],
      template: [template.name, template.id],
      user: [`cli@${slug}`, organization.profileId],
    };
  });
}

/** A name of nothing, near to nothing, of the kind that the other one is. */
export function nothingLike(thing: Thing, name: string): string {
  if (/^[0-9a-f-]{36}$/.test(name)) return randomUUID();
  return (
    {
      contact: "+31612345678",
      conversation: "+31612345678",
      user: "quux@xyzzyplugh",
      message: "wamid.xyzzyplugh",
    }[thing as string] ?? "Xyzzy Plugh Quux"
  );
}

const specOf = async (path: string) => {
  const entry = commands.find((command) => command.path === path);
  return (await (entry as (typeof commands)[number]).load()).default;
};

/** What a command answers our organization; the name that it was asked for, whole or masked, is read as "…". */
export async function answered(w: World, path: string, words: readonly string[], name: string) {
  const given = { databaseUrl: w.url, organization: OURS, yes: true, home: w.home };
  const ran = await runCommand(await specOf(path), words, given).catch((error: Error) => ({
    stdout: "",
    stderr: `threw: ${error.message}`,
    exitCode: -1,
  }));
  const blank = (text: string) => text.replaceAll(name, "…").replaceAll(maskPhone(name), "…");
  return { ...ran, stdout: blank(ran.stdout), stderr: blank(ran.stderr) };
}

/** Every row that an organization has, as a digest a table. */
export async function rowsOf({ database }: World, slug: string): Promise<unknown> {
  return database.transaction(worker, async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id'
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege(c.oid, 'select') order by 1`,
    );
    const digests = tables.map(
      ({ name }) =>
        `select '${name}' as name, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows
           from ${name} t where organization_id = (select id from organizations where slug = $1)`,
    );
    return tx.query(digests.join(" union all "), [slug]);
  });
}
