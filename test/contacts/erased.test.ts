import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { enrollContacts } from "../../src/drips/enroll.ts";
import { tick } from "../../src/tick/tick.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { messagesBody } from "../webhooks/messages.ts";
import { admin, contactOf, erase, folder, rowsThatSay, s, someone, useErasing } from "./erasing.ts";
import { tenantOf } from "./setup.ts";

useErasing();

describe("an erased person", () => {
  it("is brought back by no import: skipped, and counted", async () => {
    const { id, phone, shop } = await someone();
    await erase(id);
    const report = await shop.importLines(["mobiel;voornaam", `${phone};Terug`, "0612349999;Nieuw"], {
      tags: ["x"],
      list: "y",
    });
    expect(report).toMatchObject({ rows: 2, created: 1, skipped: 1, suppressed: 1, rejected: 0 });
    expect(
      await s.rows("select from contacts where organization_id = $1 and phone = $2", [
        s.organization.id,
        phone,
      ]),
    ).toEqual([]);
    expect(await rowsThatSay(["Terug"])).toEqual([]);
  });

  it("is a contact of another organization all the same", async () => {
    const { id, phone } = await someone();
    await erase(id);
    const theirs = tenantOf(s.database, s.other, folder);
    expect(await theirs.importLines(["mobiel", phone])).toMatchObject({ created: 1, suppressed: 0 });
  });

  it("who writes again can be answered, without marketing until they ask for it", async () => {
    const { id, phone, digits } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from: digits }]));
    const again = await s.row(
      "select id, opted_out_at, opt_out_source from contacts where organization_id = $1 and phone = $2",
      [s.organization.id, phone],
    );
    expect(again).toMatchObject({ optedOutAt: expect.any(Date), optOutSource: "preferences: erased before" });
    expect(again.id).not.toBe(id);
    const later = new Date(Date.now() + 2_000);
    s.database.setNowOffset("1 hour");
    await s.apply(messagesBody([{ from: digits, text: { body: "START" }, at: later }]));
    await s.apply(messagesBody([{ from: digits, from_user_id: `NL.S${digits}`, at: later }]));
    s.database.setNowOffset(undefined);
    expect(await s.row("select opted_out_at from contacts where id = $1", [again.id])).toEqual({
      optedOutAt: null,
    });
  });

  it("who writes again is skipped as suppressed where it is marketing, and gets what is not", async () => {
    const { id, digits, phone } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from: digits }]));
    const { id: again } = await contactOf(phone);
    const people = [{ id: again }];
    const [ad, parcel] = await Promise.all(
      (["promotional", "transactional"] as const).map(async (type) =>
        makeRun(s.database, await makeCampaign(s.database, s.organization, { type })),
      ),
    );
    const [adJob] = await makeJobs(s.database, ad as never, { pending: 1 }, { contacts: people });
    const [parcelJob] = await makeJobs(s.database, parcel as never, { pending: 1 }, { contacts: people });
    const drip = await makeDrip(s.database, s.organization);
    const entered = await s.database.transaction(admin(), (tx) =>
      enrollContacts(tx, s.organization.id, { ...drip, status: "active" }, [again]),
    );
    expect(entered.refused).toEqual({ suppressed: 1 });
    await s.rows("update senders set lane_token = null, lane_expires_at = null");
    const signal = new AbortController().signal;
    await tick({
      database: s.database,
      env: {},
      leaseSeconds: 30,
      budgetSeconds: 20,
      only: ["send"],
      organizationId: s.organization.id,
      stopping: signal,
      aborting: signal,
      logFile: join(folder, "messages.log"),
    });
    expect(await s.job(adJob as never)).toMatchObject({ status: "skipped", skipReason: "suppressed" });
    expect((await s.job(parcelJob as never)).skipReason).not.toBe("suppressed");
  });

  it("gets no marketing either under a user id, once the erased phone turns out to be theirs", async () => {
    const { id, digits } = await someone();
    await erase(id);
    await s.apply(messagesBody([{ from_user_id: `NL.E${digits}` }]));
    const of = () =>
      s.row("select opted_out_at, opt_out_source from contacts where bsuid = $1", [`NL.E${digits}`]);
    expect(await of()).toEqual({ optedOutAt: null, optOutSource: null });
    await s.apply(messagesBody([{ from: digits, from_user_id: `NL.E${digits}` }]));
    expect(await of()).toEqual({ optedOutAt: expect.any(Date), optOutSource: "preferences: erased before" });
  });

  it("cannot be found out by the hashes: people read neither them nor the key", async () => {
    const { id, phone } = await someone();
    await erase(id);
    for (const statement of [
      "select key from suppression_keys",
      "select address_hash from suppressions",
      "select adsapp_suppressed(adsapp_organization_id(), '{+31612345671}')",
    ])
      await expect(s.database.transaction(admin(), (tx) => tx.run(statement))).rejects.toMatchObject({
        code: "42501",
      });
    const asked = (profileId: string) =>
      s.database.transaction(operator(profileId), (tx) =>
        tx.query("select adsapp_suppressed_here(array[$1])", [phone]),
      );
    expect([await asked(s.organization.profileId), await asked(s.other.profileId)]).toMatchObject([[{}], []]);
  });
});
