import { operator } from "../../src/db/identity.ts";
import { pageOf } from "../../src/reports/html/page.ts";
import type { Window } from "../../src/reports/window.ts";
import { DAYS, makeHistory, SMALLEST as SMALL } from "./history.ts";
import { type Bench, type Figure, interleaved, median, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const LARGE = process.env.ADSAPP_BENCH_LARGE === "1" ? 5_000_000 : 1_000_000;
const ROUNDS = 15;
const SECTIONS = ["overview", "campaigns", "drips", "agents", "channels", "templates", "failures"] as const;

/**
 * Each report of 30 days, as its part of a page, of the same ten campaigns: at 10,000 messages and at a million (5M with
 * ADSAPP_BENCH_LARGE=1), in turn.
 */
export const reports: Bench = async ({ newDatabase }) => {
  const small = await campaignsWith(await newDatabase(), SMALL);
  const large = await campaignsWith(await newDatabase(), LARGE);
  const figures: Figure[] = [];
  const total = { small: 0, large: 0 };
  for (const name of SECTIONS) {
    const times = await interleaved(ROUNDS, {
      small: () => timed(() => small(name)),
      large: () => timed(() => large(name)),
    });
    for (const [key, messages] of [
      ["small", SMALL],
      ["large", LARGE],
    ] as const) {
      const value = median(times[key]);
      total[key] += value;
      figures.push({ what: `${name} at ${messages} messages`, value, unit: "ms" });
    }
  }
  const what = `all reports at ${LARGE} messages, times at ${SMALL}`;
  return [...figures, { what, value: total.large / total.small, unit: "", wanted: "about 1" }];
};

type Read = (section: (typeof SECTIONS)[number]) => Promise<unknown>;

/** An organization whose campaigns sent so many messages in the last 30 days. @returns reads one of its reports */
async function campaignsWith(bench: BenchDatabase, messages: number): Promise<Read> {
  const { database, sql } = bench;
  const organization = await makeHistory(bench, messages);
  const [window] = await sql<{ since: string; until: string }>(
    `select ((adsapp_now() at time zone timezone)::date - ${DAYS - 1})::text as since, (adsapp_now() at time zone timezone)::date::text as until from organizations limit 1`,
  );
  const asked = {
    organizationId: organization.id,
    window: window as Window,
    by: "",
    campaignIds: null,
    campaign: undefined,
    limit: 10,
  };
  const read: Read = (section) =>
    database.transaction(operator(organization.profileId), (tx) => pageOf(tx, asked, [section], "Bench"));
  for (const section of SECTIONS) await read(section); // the first one fills the cache
  return read;
}
