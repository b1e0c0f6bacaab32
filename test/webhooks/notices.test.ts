import { describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { resumeSender } from "../../src/senders/senders.ts";
import status from "../../src/status/status.command.ts";
import { statusOf } from "../../src/status/status.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeSender } from "../support/factories.ts";
import { s, sender, state, told, useNotices, WABA } from "./notices.ts";
import { sample } from "./samples.ts";
import { OTHER_NUMBER } from "./setup.ts";

useNotices();

/** News of partners is of the partner's business, and names the account inside. */
const PARTNER = "2949482758682047";
const OF_PARTNER = { waba_info: { waba_id: WABA, owner_business_id: "2329417887457253" } };

const waiting = () => s.rows("select error, organization_id from webhook_inbox where processed_at is null");

describe("news of an account", () => {
  it.each([
    [
      "DISABLED_UPDATE",
      { ban_info: { waba_ban_state: "SCHEDULE_FOR_DISABLE", waba_ban_date: "November 30, 2026" } },
      "Meta: DISABLED_UPDATE SCHEDULE_FOR_DISABLE November 30, 2026",
    ],
    [
      "ACCOUNT_RESTRICTION",
      { restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING" }] },
      "Meta: ACCOUNT_RESTRICTION RESTRICTED_BIZ_INITIATED_MESSAGING",
    ],
    ["ACCOUNT_DELETED", {}, "Meta: ACCOUNT_DELETED"],
    ["ACCOUNT_OFFBOARDED", {}, "Meta: ACCOUNT_OFFBOARDED"],
    ["PARTNER_REMOVED", {}, "Meta: PARTNER_REMOVED"],
    ["PARTNER_REMOVED", OF_PARTNER, "Meta: PARTNER_REMOVED"],
  ])(
    "%s halts its senders with the reason, those alone, and not again what a person has resumed",
    async (event, value, reason) => {
      const second = await makeSender(s.database, s.organization, { name: "second", phoneNumberId: "55" });
      const body = told(
        "account_update",
        { event, ...value },
        undefined,
        value === OF_PARTNER ? PARTNER : WABA,
      );
      await s.apply(body);
      expect(await sender()).toMatchObject({ state: "halted", haltReason: reason });
      expect(await s.row("select state from senders where id = $1", [second.id])).toEqual({
        state: "active",
      });
      await s.database.transaction(operator(s.organization.profileId), (tx) =>
        resumeSender(tx, s.organization.id, "main"),
      );
      await s.apply(body);
      expect(await state()).toBe("active");
    },
  );

  it.each([
    ["DISABLED_UPDATE", { ban_info: { waba_ban_state: "REINSTATE" } }],
    ["ACCOUNT_RESTRICTION", { restriction_info: [{ restriction_type: "RESTRICTED_UTILITY_TEMPLATES" }] }],
    ["ACCOUNT_VIOLATION", { violation_info: { violation_type: "ADULT" } }],
    ["VOLUME_BASED_PRICING_TIER_UPDATE", {}],
    ["SOMETHING_NEW", { ban_info: 7, restriction_info: "x" }],
  ])("%s %j is an alert and halts nothing", async (event, value) => {
    await s.apply(told("account_update", { event, ...value }));
    expect(await state()).toBe("active");
    expect(await s.row("select event, halts from account_notices")).toEqual({ event, halts: false });
  });

  it("that was taken back before the older body came does not halt", async () => {
    const of = (state: string, at: number) =>
      told("account_update", { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: state } }, at);
    await s.apply(of("REINSTATE", 2_000));
    await s.apply(of("DISABLE", 1_000));
    expect(await state()).toBe("active");
  });

  it("is shown by status: alerts, security and errors without a message, the newest first", async () => {
    const now = Math.floor(Date.now() / 1000);
    const errors = JSON.parse(sample("errors-only"));
    errors.entry[0].time = now - 1;
    await s.apply(
      told(
        "account_alerts",
        { alert_info: { alert_type: "OBA_APPROVED", alert_severity: "INFORMATIONAL" } },
        now - 3,
      ),
      told("security", { display_phone_number: "31201234567", event: "PIN_CHANGED" }, now - 2),
      JSON.stringify(errors),
    );
    const { notices } = await statusOf(
      (work) => s.database.transaction(operator(s.organization.profileId), work),
      (work) => s.database.transaction(worker, work),
      s.organization.id,
    );
    expect(notices.map(({ event, sender: name }) => [event, name])).toEqual([
      ["error 130429", "main"],
      ["PIN_CHANGED", null],
      ["OBA_APPROVED", null],
    ]);
    const shown = await runCommand(status, [], { databaseUrl: s.url, organization: s.organization.slug });
    expect(shown.stdout).toContain("PIN_CHANGED");
    const theirs = await runCommand(status, [], { databaseUrl: s.url, organization: s.other.slug });
    expect(theirs.stdout).not.toContain("PIN_CHANGED");
  });

  it("that no sender has, or several organizations have, is put aside with the reason, and applied once it is known", async () => {
    const body = told("account_update", { event: "ACCOUNT_DELETED" }, 1, "999");
    await s.apply(body);
    expect(await waiting()).toEqual([
      {
        error:
          "1 of 1 notices are about an account that no sender has (its WABA id: adsapp sender add --waba-id)",
        organizationId: null,
      },
    ]);
    await s.rows("update senders set waba_id = '999' where phone_number_id = $1 or id = $2", [
      OTHER_NUMBER,
      s.sender.id,
    ]);
    await s.rows("update webhook_inbox set error = null");
    await s.apply();
    expect(await waiting()).toMatchObject([
      { error: "1 of 1 notices are about an account that several organizations have" },
    ]);
    expect(await state()).toBe("active");
    await s.rows("update senders set waba_id = null where phone_number_id = $1", [OTHER_NUMBER]);
    await s.rows("update webhook_inbox set error = null");
    await s.apply();
    expect(await waiting()).toEqual([]);
    expect(await state()).toBe("halted");
  });

  it("of a field that we do not know is applied as nothing, whosever it is", async () => {
    await s.apply(sample("unknown-field"), sample("history"), told("flows", { event: "x" }, 1, "999"));
    expect(await waiting()).toEqual([]);
    expect(await s.row("select count(*) as n from account_notices")).toEqual({ n: 0 });
  });
});
