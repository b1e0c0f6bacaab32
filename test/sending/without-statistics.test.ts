import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { owner } from "../../src/db/identity.ts";
import type { Lane } from "../../src/sending/lane.ts";
import { lockLimits } from "../../src/sending/limits.ts";
import { PairPace } from "../../src/sending/pair-pace.ts";
import { completeCampaigns, planHeldDrips, rescueWindows, settleUnknown } from "../../src/sending/rescue.ts";
import { startTick } from "../../src/tick/due.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { aloneIn, leaveUncounted, rowsReadBy } from "../support/rows-read.ts";
import { claimWindow } from "./claim.ts";
import { NOW, type Setup, setup } from "./setup.ts";

const MANY = 3_000;
const CLAIMED = 100;
const TABLES = ["contacts", "bulk_message_jobs", "drip_message_logs", "drip_enrollments"];
/** a session's first look at a table may read a row or two of it */
const FEW = 20;

let s: Setup;
let alone: Database;

beforeAll(async () => {
  s = await setup();
  alone = aloneIn(s.url); // so that its session tells what it read
  await leaveUncounted(alone, TABLES);
  alone.setNowOffset(`${(NOW.getTime() - Date.now()) / 1000} seconds`);
});

afterAll(async () => {
  await s.expectCleanAudit();
  await alone.close();
  await s.end();
});

/** @returns which of these read more than a few rows of the tables, and how many */
async function whatReadsMore(
  tables: readonly string[],
  asked: Record<string, () => Promise<unknown>>,
  few = FEW,
) {
  const more: Record<string, number> = {};
  for (const [what, ask] of Object.entries(asked)) {
    const read = await rowsReadBy(alone, tables, ask);
    if (read > few) more[what] = read;
  }
  return more;
}

const unknowns = {
  "what dead workers held": () => rescueWindows(alone),
  "what is unknown": () => settleUnknown(alone),
  "drips that were held up": () => planHeldDrips(alone),
  "what is complete": () => completeCampaigns(alone),
};

describe("what was just written out, and PostgreSQL has no statistics of", () => {
  it("is not read as a whole to learn which of it is unknown: a broadcast", async () => {
    const w = await s.world({ sender: { provider: "whatsapp-cloud" } });
    await w.broadcast({ states: { pending: MANY } });
    await w.rows(
      `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', 250) returning id)
       update senders set portfolio_id = (select id from p) where organization_id = $1`,
      [w.organization.id],
    );
    const lane = await w.lane();
    const more = await whatReadsMore(["bulk_message_jobs"], {
      ...unknowns,
      "the pair limit": () => PairPace.of(alone, lane, () => NOW),
      "the messaging limit": () => alone.transaction(owner, (tx) => lockLimits(tx, lane)),
    });
    expect(more).toEqual({});
  });

  it("is not read as a whole to learn which of it is unknown: a drip", async () => {
    const w = await s.world();
    const drip = await makeDrip(s.database, w.organization, { steps: [{ minutes: 0 }, { days: 1 }] });
    await makeEnrollments(s.database, drip, await w.contacts(MANY));
    const more = await whatReadsMore(["drip_message_logs", "drip_enrollments"], {
      "what is due": () => alone.transaction(owner, (tx) => startTick(tx, undefined)),
      ...unknowns,
    });
    expect(more).toEqual({});
  });

  it("is read once for each message that a claim takes", async () => {
    const w = await s.world();
    const people = await w.contacts(MANY);
    await w.broadcast({ contacts: people });
    const jobs = await w.lane();
    const claim = (lane: Lane) => async () =>
      expect((await claimWindow(alone, lane, CLAIMED)).jobs).toHaveLength(CLAIMED);
    const other = await s.world();
    const drip = await makeDrip(s.database, other.organization, { steps: [{ minutes: 0 }, { days: 1 }] });
    await makeEnrollments(s.database, drip, await other.contacts(MANY));
    const logs = await other.lane();
    const most = 6 * CLAIMED; // a person, an enrollment, and a job or log that is found, locked and written
    expect(await whatReadsMore(TABLES, { jobs: claim(jobs), logs: claim(logs) }, most)).toEqual({});
  });
});
