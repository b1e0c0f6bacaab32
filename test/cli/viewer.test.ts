import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { tenantTables } from "../sql/tenant-tables.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { makeWorld, type World } from "./world.ts";

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

const DRIP = (name: string) => `kind: drip
name: ${name}
trigger: { type: manual }
steps: [ { delay: 0m, message: { type: text, content: Hoi } } ]
`;
const RULE = `kind: rule
name: New
trigger: { type: tag_added, tag: leads }
actions: [ { type: add_tag, tag: seen } ]
`;

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  const { database } = w;
  const jansen = await makeOrganization(database, { slug: "jansen" });
  await makeSender(database, jansen);
  await makeSender(database, jansen, { name: "halted", haltReason: "190" });
  const [first] = await makeContacts(database, jansen, 3);
  const running = await makeDrip(database, jansen, { name: "Running" });
  await makeDrip(database, jansen, { name: "Asleep", status: "paused" });
  await makeEnrollments(database, running, [first as { id: string }]);
  const sale = await makeCampaign(database, jansen, { name: "Black Friday Sale" });
  await makeJobs(database, await makeRun(database, sale), { pending: 2 });
  await makeCampaign(database, jansen, { name: "Draft", status: "draft" });
  await makeCampaign(database, jansen, { name: "Paused", status: "paused" });
  await database.transaction(worker, (tx) =>
    tx.run("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [jansen.id]),
  );
  await database.transaction(worker, (tx) =>
    tx.run(
      `insert into automation_rules (organization_id, name, trigger_type, actions, enabled)
       values ($1, 'Acting', 'contact_created', '[]', true), ($1, 'Resting', 'contact_created', '[]', false)`,
      [jansen.id],
    ),
  );
  await database.transaction(worker, (tx) =>
    tx.run(
      "insert into messages (contact_id, direction, type, status) values ($1, 'inbound', 'text', 'received')",
      [(first as { id: string }).id],
    ),
  );
  writeFileSync(join(w.home, "definition.yaml"), DEFINITION);
  writeFileSync(join(w.home, "template.yaml"), TEMPLATE);
  mkdirSync(join(w.home, "plan.folder"));
  writeFileSync(join(w.home, "plan.folder", "drip.yaml"), DRIP("New"));
  writeFileSync(join(w.home, "drip.yaml"), DRIP("New"));
  writeFileSync(join(w.home, "changed.yaml"), DRIP("Running"));
  writeFileSync(join(w.home, "rule.yaml"), RULE);
  writeFileSync(
    join(w.home, "events.ndjson"),
    `${JSON.stringify({ event: "purchased", contact: "+31610000001" })}\n`,
  );
  writeFileSync(join(w.home, "contacts.csv"), "phone\n0612345678\n");
});

afterAll(() => w.end());

describe("a viewer", () => {
  /** each command that writes, with words that an admin could use */
  const WRITING: Record<string, string[]> = {
    "org set": ["--name", "Mine"],
    "org pause": [],
    "org resume": [],
    "org token": ["create", "webshop"],
    "user add": ["new@jansen.example"],
    "user remove": ["viewer@jansen", "--yes"],
    "sender add": ["new", "--provider", "log"],
    "sender set": ["main", "--messaging-limit", "100"],
    "sender resume": ["halted"],
    "contact import": ["contacts.csv"],
    "contact tag": ["vip", "+31610000001"],
    "contact untag": ["leads", "+31610000001"],
    "contact opt-out": ["+31610000001"],
    "contact opt-in": ["+31610000001"],
    "contact block": ["+31610000001"],
    "contact unblock": ["+31610000001"],
    "contact erase": ["+31610000001", "--yes"],
    "import undo": ["00000000-0000-4000-8000-000000000000", "--yes"],
    "contact review": ["dismiss", "wamid.of-nobody"],
    "list create": ["new"],
    "list add": ["klanten", "+31610000001"],
    "list remove": ["klanten", "+31610000001"],
    "template add": ["-f", "template.yaml"],
    "template sync": [],
    "campaign create": ["-f", "definition.yaml"],
    "campaign schedule": ["Draft", "--at", "2026-12-24T10:00:00+01:00"],
    "campaign clone": ["Draft", "Draft 2"],
    "campaign delete": ["Draft", "--yes"],
    "campaign test": ["Draft", "--to", "+31610000001"],
    "campaign start": ["Draft"],
    "campaign pause": ["Black Friday Sale"],
    "campaign resume": ["Paused"],
    "campaign cancel": ["Paused", "--yes"],
    "campaign retry": ["Paused", "--failed", "--yes"],
    "job resolve": ["--campaign", "Paused", "--as", "sent", "--yes"],
    "drip create": ["-f", "drip.yaml"],
    "drip update": ["-f", "changed.yaml"],
    "drip activate": ["Asleep"],
    "drip pause": ["Running"],
    "drip archive": ["Running", "--yes"],
    "drip enroll": ["Running", "--contact", "+31610000002"],
    "drip unenroll": ["Running", "--contact", "+31610000001"],
    "drip clone": ["Running", "Running 2"],
    apply: ["plan.folder", "--yes"],
    "drip free": ["Running"],
    "rule create": ["-f", "rule.yaml"],
    "rule enable": ["Resting"],
    "rule disable": ["Acting"],
    "event emit": ["purchased", "--contact", "+31610000001"],
    "event import": ["events.ndjson"],
    "conversation assign": ["+31610000001"],
    "conversation reply": ["+31610000001", "Hoi"],
    "conversation close": ["+31610000001"],
    "conversation rate": ["+31610000001", "5"],
    "agent online": [],
    "agent offline": [],
    "source create": ["Poster", "--type", "qr_code"],
  };
  it("is asked about for every command that writes in an organization", async () => {
    const specs = await Promise.all(
      commands.map(async ({ path, load }) => ({ path, ...(await load()).default })),
    );
    const writing = specs
      .filter(({ writes = false, scope }) => writes !== false && scope !== "all")
      .map(({ path }) => path);
    expect(Object.keys(WRITING).toSorted()).toEqual(writing.toSorted());
  });

  it.each(Object.entries(WRITING))("is refused %s: 5, and nothing changes", async (path, words) => {
    const before = await everything();
    const given = words.map((word) => (/\.(yaml|csv|ndjson|folder)$/.test(word) ? join(w.home, word) : word));
    const args = ["--as", "viewer@jansen", "--org", "jansen", ...path.split(" "), ...given];
    const { stdout, stderr, exitCode } = await w.adsapp(args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 5 });
    expect(stderr).toMatch(/^error: .*\n.*--as EMAIL/);
    expect(await everything()).toEqual(before);
  });

  it("reads what there is", async () => {
    for (const words of [
      "campaign list",
      "contact list",
      "sender list",
      "status",
      "report campaigns",
      "org show",
    ])
      expect(await w.adsapp(`--as viewer@jansen --org jansen ${words}`)).toMatchObject({ exitCode: 0 });
    const plan = ["plan", join(w.home, "plan.folder")];
    expect(await w.adsapp(["--as", "viewer@jansen", "--org", "jansen", ...plan])).toMatchObject({
      exitCode: 0,
    });
  });

  /** Every row of every organization's tables. */
  async function everything(): Promise<unknown> {
    return w.database.transaction(owner, async (tx) => {
      const digests = (await tenantTables(tx)).map(
        ({ name }) =>
          `select '${name}' as of, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows from ${name} t`,
      );
      return tx.query(digests.join(" union all "));
    });
  }
});
