import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { operator, owner } from "../../src/db/identity.ts";
import { setMessagingLimit, setThroughput } from "../../src/senders/senders.ts";
import { changeBody, minutesAgo } from "./messages.ts";
import { bodyOf, NUMBER, OTHER_NUMBER, type Setup, setup } from "./setup.ts";

const WABA = "102290129340398";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await s.rows("update senders set waba_id = $2, told_phone = '31201234567' where id = $1", [
    s.sender.id,
    WABA,
  ]);
});

/** Nothing is left of the test before: a database for each would take half a minute. */
beforeEach(async () => {
  await s.database.transaction(owner, async (tx) => {
    await tx.run("delete from account_notices");
    await tx.run(
      `update senders set state = 'active', slowed_at = null, rate_factor = null, full_rate_at = null, rests_until = null,
              portfolio_id = null, throughput_per_second = 80`,
    );
    await tx.run("delete from portfolios");
  });
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);
const now = () => new Date();
/** A body about the account. */
const told = (field: string, value: object, at: Date) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: WABA, time: seconds(at), changes: [{ field, value }] }],
  });
const speedOf = (number = NUMBER) =>
  s.row("select state, rate_factor from senders where phone_number_id = $1", [number]);
const FULL = { state: "active", rateFactor: null };
const HALF = { state: "slowed", rateFactor: 0.5 };

describe("a number that is throttled", () => {
  const error = (code: number) => ({ code, title: "Rate limit hit", error_data: { details: "too many" } });
  const ofNumber = (at: Date, code = 130429) => {
    const body = JSON.parse(changeBody("messages", { errors: [error(code)] }));
    body.entry[0].time = seconds(at);
    return JSON.stringify(body);
  };
  const ofStatus = (at: Date, given: object = {}) =>
    bodyOf([{ status: "failed", errors: [error(130429)], timestamp: String(seconds(at)), ...given }]);

  it.each([
    ["an error beside no message", (at: Date) => ofNumber(at)],
    ["a status without a message id", (at: Date) => ofStatus(at, { id: undefined })],
    ["a status of a message that another system sent", (at: Date) => ofStatus(at, { id: "wamid.THEIRS" })],
  ])("goes slower by %s; and no more for the same again, or for what was true before", async (_, body) => {
    const first = body(now());
    await s.apply(first);
    expect(await speedOf()).toEqual(HALF);
    await s.rows("update senders set slowed_at = adsapp_now() + interval '5 s' where id = $1", [s.sender.id]);
    await s.apply(first, body(new Date(Date.now() + 1000)));
    expect(await speedOf()).toEqual(HALF);
  });

  it("goes on at its full rate where the news is old: it has recovered since", async () => {
    await s.apply(ofNumber(minutesAgo(5)), ofStatus(minutesAgo(5), { id: "wamid.THEIRS" }));
    expect(await speedOf()).toEqual(FULL);
  });

  it("goes on where the error is about something else, and so do the numbers of others", async () => {
    await s.apply(ofNumber(now(), 131000));
    expect(await speedOf()).toEqual(FULL);
    await s.apply(ofNumber(now()));
    expect(await speedOf(OTHER_NUMBER)).toEqual(FULL);
  });

  it("goes slower once for all that a batch tells", async () => {
    await s.apply(ofNumber(now()), ofStatus(now(), { id: undefined }), ofStatus(now(), { id: "wamid.X" }));
    expect(await speedOf()).toEqual(HALF);
  });
});

describe("THROUGHPUT_UPGRADE", () => {
  const upgrade = (at = now()) =>
    told(
      "phone_number_quality_update",
      { display_phone_number: "31201234567", event: "THROUGHPUT_UPGRADE" },
      at,
    );
  const rate = () => s.row("select throughput_per_second from senders where id = $1", [s.sender.id]);

  it("raises the number from what Meta gives everyone to what it gives now", async () => {
    await s.apply(upgrade());
    expect(await rate()).toEqual({ throughputPerSecond: 1000 });
  });

  it.each([20, 79, 81, 400])("leaves a rate of %i, which a person has set", async (own) => {
    await s.rows("update senders set throughput_per_second = $2 where id = $1", [s.sender.id, own]);
    await s.apply(upgrade());
    expect(await rate()).toEqual({ throughputPerSecond: own });
  });

  it("is not repeated when a person has set the rate since", async () => {
    const body = upgrade();
    await s.apply(body);
    await s.database.transaction(operator(s.organization.profileId), (tx) =>
      setThroughput(tx, s.organization.id, "main", 80),
    );
    await s.apply(body);
    expect(await rate()).toEqual({ throughputPerSecond: 80 });
  });

  it("of a number of quality GREEN or RED changes no rate", async () => {
    for (const event of ["FLAGGED", "UNFLAGGED", "THROUGHPUT_UPGRADE_PENDING"])
      await s.apply(
        told("phone_number_quality_update", { display_phone_number: "31201234567", event }, now()),
      );
    expect(await rate()).toEqual({ throughputPerSecond: 80 });
  });
});

describe("a messaging limit that a person has set", () => {
  const tier = (limit: unknown, at = now()) =>
    told("business_capability_update", { max_daily_conversations_per_business: limit }, at);
  const limited = async () => (await s.row("select messaging_limit from portfolios")).messagingLimit;
  const set = (limit: number | null) =>
    s.database.transaction(operator(s.organization.profileId), (tx) =>
      setMessagingLimit(tx, s.organization.id, "main", limit),
    );

  beforeEach(async () => {
    const { id } = await s.row(
      "insert into portfolios (organization_id, name) values ($1, 'main') returning id",
      [s.organization.id],
    );
    await s.rows("update senders set portfolio_id = $1 where id = $2", [id, s.sender.id]);
  });

  it.each([
    [500, "TIER_2K", 500],
    [500, "TIER_UNLIMITED", 500],
    [500, "TIER_250", 250],
    [500, -1, 500],
    [null, "TIER_2K", 2000],
    [null, "TIER_UNLIMITED", null],
  ])("of %j holds beside %j of Meta's: the lower one counts, %j", async (own, told_, limit) => {
    await set(own);
    await s.apply(tier(told_));
    expect(await limited()).toBe(limit);
  });

  it("comes back when Meta's, which was lower for a while, is higher again", async () => {
    await set(500);
    await s.apply(tier("TIER_250", minutesAgo(2)));
    await s.apply(tier("TIER_10K", minutesAgo(1)));
    expect(await limited()).toBe(500);
  });

  it("counts at once, above what Meta told before: who sets it has looked", async () => {
    await s.apply(tier("TIER_250"));
    await set(2000);
    expect(await limited()).toBe(2000);
    await set(null);
    await s.apply(tier("TIER_10K", new Date(Date.now() + 1000)));
    expect(await limited()).toBe(10_000);
  });
});
