// What docs/operating/managed-cluster.md promises: a login for ticks and one for people, each with no more than its own role.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import { audit, BulkMessagingEngine, openDatabase, runTick } from "../../src/index.ts";
import { packageRoot } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeContacts, makeOrganization, makeSender } from "../support/factories.ts";

const page = readFileSync(join(packageRoot(), "docs/operating/managed-cluster.md"), "utf8");
const [, MAKE_LOGINS = ""] = /```sql\n(.*?)```/s.exec(page) ?? [];

it("a login for ticks and one for people do all that one login does, and neither can act as the other", async () => {
  const testDatabase = await createTestDatabase();
  const own = new Database({ url: testDatabase.url });
  const mark = randomBytes(4).toString("hex");
  const [ticks, people] = [`adsapp_ticks_${mark}`, `adsapp_people_${mark}`];
  const make = MAKE_LOGINS.replace("adsapp_ticks", ticks).replace("adsapp_people", people);
  await own.transaction(owner, (tx) => tx.client.query(make));
  const as = (login: string) => Object.assign(new URL(testDatabase.url), { username: login }).href;
  const home = mkdtempSync(join(tmpdir(), "adsapp-logins-"));
  const env = {
    DATABASE_URL: testDatabase.url,
    ADSAPP_WORKER_DATABASE_URL: as(ticks),
    ADSAPP_OPERATOR_DATABASE_URL: as(people),
    ADSAPP_HOME: home,
  };
  const database = await openDatabase({ env });
  const confused = new Database({ url: as(people) });
  const alsoConfused = new Database({ url: as(ticks) });
  onTestFinished(async () => {
    await Promise.all([database, confused, alsoConfused].map((each) => each.close()));
    await own.transaction(owner, (tx) => tx.client.query(`drop role ${ticks}; drop role ${people}`));
    await own.close();
    await testDatabase.drop();
    rmSync(home, { recursive: true, force: true });
  });
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  await makeContacts(database, organization, 2, { lastInboundAt: new Date() });
  const engine = new BulkMessagingEngine(database);
  const message = { type: "text", text: "Hoi" } as const;
  const { id } = await engine.createCampaign(organization.id, {
    name: "Sale",
    targetAudience: { type: "all" },
    message,
  });
  await engine.startCampaign(id);
  expect(await runTick(database, { env, drain: true })).toMatchObject({ sent: { bulk: 2 } });
  expect(await audit(database)).toMatchObject({ ok: true });
  const asWorker = confused.transaction(worker, (tx) => tx.query("select from contacts"));
  await expect(asWorker).rejects.toMatchObject({ code: "42501" });
  const asPerson = alsoConfused.transaction(operator(organization.profileId), (tx) =>
    tx.query("select from contacts"),
  );
  await expect(asPerson).rejects.toMatchObject({ code: "42501" });
});
