import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expandRuns } from "../../src/campaigns/expand.ts";
import { Database } from "../../src/db/database.ts";
import { operator, owner, worker } from "../../src/db/identity.ts";
import { enrollContacts } from "../../src/drips/enroll.ts";
import { readBody } from "../../src/webhooks/body.ts";
import { receive } from "../../src/webhooks/receive.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import { type JobState, makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { messagesBody, minutesAgo } from "./messages.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
/** another process's connection */
let beside: Database;
let tags = 0;
let news = 0;

beforeAll(async () => {
  s = await setup();
  beside = new Database({ url: s.url });
});

afterEach(() => s.expectCleanAudit());
afterAll(async () => {
  await beside.close();
  await s.end();
});

interface Pair {
  /** the older contact, which an expansion comes to later */
  stays: { id: string; phone: string };
  goes: { id: string; phone: string };
}

/** Pairs of contacts with a tag of their own: every one that goes has a lower id than any that stays. */
async function pairsOfContacts(n: number): Promise<{ pairs: Pair[]; tag: string }> {
  const tag = `t${++tags}`;
  const made = await makeContacts(s.database, s.organization, 2 * n, { tags: [tag] });
  const byId = made.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const pairs = byId.slice(n).map((stays, i) => ({ stays, goes: byId[i] as Pair["goes"] }));
  await s.rows("update contacts set created_at = adsapp_now() - interval '9 days' where id = any ($1)", [
    pairs.map(({ stays }) => stays.id),
  ]);
  return { pairs, tag };
}

/** A campaign whose expansion was cut off when it had come to all that go and to none that stays. */
async function halfExpanded(states: readonly JobState[], given: { pairs: Pair[]; tag: string }) {
  const campaign = await makeCampaign(s.database, s.organization, {
    targetAudience: { type: "tags", tags: [given.tag] },
  });
  const run = await makeRun(s.database, campaign, { expanded: false });
  const wanted: Partial<Record<JobState, number>> = {};
  for (const state of states) wanted[state] = 1;
  const contacts = given.pairs.map(({ goes }) => goes);
  await makeJobs(s.database, run, wanted, { ago: "2 hours", contacts });
  await s.rows("update campaign_runs set expanded_through = $2 where campaign_id = $1", [
    campaign.id,
    contacts.at(-1)?.id,
  ]);
  return campaign;
}

const oneNumber = ({ stays, goes }: Pair) => ({
  id: `wamid.SYS.${++news}`,
  from: goes.phone.slice(1),
  type: "system",
  system: { type: "user_changed_number", body: "User changed", wa_id: stays.phone.slice(1) },
  at: minutesAgo(1),
});
const inboundOf = (pair: Pair) => readBody(messagesBody([oneNumber(pair)])).inbound;
const expand = (by = s.database) => expandRuns(by, { organizationId: s.organization.id });
const isWaiting = async () => {
  const waiting = await s.database.transaction(owner, (tx) =>
    tx.query(
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    ),
  );
  return waiting.length > 0;
};

/** In the order in which makeJobs makes them. */
const STATES = ["sent", "read", "failed", "skipped", "unknown", "waiting", "cancelled", "pending"] as const;
const OUT = new Set<string>(["sent", "read", "unknown"]);

describe("two contacts that turn out to be one before an expansion has come to the one that stays", () => {
  it("get the broadcast once, whatever became of it at the other", async () => {
    const given = await pairsOfContacts(STATES.length);
    const campaign = await halfExpanded(STATES, given);
    await s.apply(messagesBody(given.pairs.map(oneNumber)));
    await expand();
    const jobs = await s.rows<{ contactId: string; status: string }>(
      "select contact_id, status from bulk_message_jobs where campaign_id = $1",
      [campaign.id],
    );
    const got = STATES.map((state, n) => {
      const mine = jobs.filter(({ contactId }) => contactId === given.pairs[n]?.stays.id);
      return [state, mine.map(({ status }) => status)];
    });
    expect(got).toEqual(STATES.map((state) => [state, [OUT.has(state) ? state : "pending"]]));
  });

  it("also when the two happen at the same moment: the expansion waits, and looks again", async () => {
    const given = await pairsOfContacts(1);
    const campaign = await halfExpanded(["sent"], given);
    const [pair] = given.pairs as [Pair];
    const expanding = await s.database.transaction(worker, async (tx) => {
      await receive(tx, inboundOf(pair));
      const promise = expand(beside);
      await until("the expansion waits for the people", isWaiting);
      return { promise };
    });
    expect(await expanding.promise).toEqual({ jobs: 0, skipped: 0 });
    expect(
      await s.rows("select contact_id, status from bulk_message_jobs where campaign_id = $1", [campaign.id]),
    ).toEqual([{ contactId: pair.stays.id, status: "sent" }]);
    expect(
      await s.row("select expanded_at from campaign_runs where campaign_id = $1", [campaign.id]),
    ).toEqual({
      expandedAt: expect.any(Date),
    });
  });
});

describe("two contacts that turn out to be one while people enter a drip", () => {
  const enroll = (drip: { id: string; name: string }, contacts: readonly { id: string }[], by = s.database) =>
    by.transaction(operator(s.organization.profileId), (tx) =>
      enrollContacts(
        tx,
        s.organization.id,
        { ...drip, status: "active" },
        contacts.map(({ id }) => id),
      ),
    );

  /** The one that goes had the drip, twice: it is over. */
  async function finishedTwice({ goes }: Pair) {
    const drip = await makeDrip(s.database, s.organization, { steps: [{ minutes: 0 }] });
    for (const entryNo of [1, 2]) {
      const entered = await makeEnrollments(s.database, drip, [goes], { entryNo });
      await settleSteps(s.database, entered, "sent");
    }
    return drip;
  }

  const entriesOf = (drip: { id: string }, { stays }: Pair) =>
    s.rows(
      "select entry_no, status from drip_enrollments where campaign_id = $1 and contact_id = $2 order by 1",
      [drip.id, stays.id],
    );
  const BEFORE = [
    { entryNo: 1, status: "completed" },
    { entryNo: 2, status: "completed" },
  ];

  it("do not get it once more as the one that stays", async () => {
    const { pairs } = await pairsOfContacts(1);
    const [pair] = pairs as [Pair];
    const drip = await finishedTwice(pair);
    await s.apply(messagesBody([oneNumber(pair)]));
    expect(await enroll(drip, [pair.stays, pair.goes])).toMatchObject({ enrolled: 0 });
    expect(await entriesOf(drip, pair)).toEqual(BEFORE);
  });

  it("nor when the two happen at the same moment", async () => {
    const { pairs } = await pairsOfContacts(1);
    const [pair] = pairs as [Pair];
    const drip = await finishedTwice(pair);
    const entering = await s.database.transaction(worker, async (tx) => {
      await receive(tx, inboundOf(pair));
      const promise = enroll(drip, [pair.stays, pair.goes], beside);
      await until("whoever enrolls waits for the people", isWaiting);
      return { promise };
    });
    await entering.promise;
    expect(await entriesOf(drip, pair)).toEqual(BEFORE);
    expect(
      await s.rows("select status from drip_enrollments where campaign_id = $1 and contact_id = $2", [
        drip.id,
        pair.goes.id,
      ]),
    ).toEqual([]);
  });
});
