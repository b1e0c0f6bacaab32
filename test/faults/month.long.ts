import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { rebuild } from "../../src/analytics/rebuild.ts";
import { operator } from "../../src/db/identity.ts";
import { analyticsByDay } from "../../src/reports/analytics.ts";
import { templateNumbers } from "../../src/reports/breakdowns.ts";
import { failureNumbers } from "../../src/reports/failures.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { finish } from "./finish.ts";
import { countsOfLog, type DayCounts, type LogCounts, NONE } from "./log-counts.ts";
import { watch } from "./processes.ts";
import { randomOf } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

/** `SEED=… npm run test:long` makes the choices of a run again; the machine's timing is its own. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** so that the clocks of Amsterdam change within it, now and then */
const DAYS = 33;
const DAY = 24 * 60;
const TIMEZONE = "Europe/Amsterdam";
const MESSAGE = { type: "template", template: "black_friday", language: "nl", variables: { "1": "x" } };

/** minutes from now, about noon of that many days ago */
function noonOf(daysAgo: number, random: () => number): number {
  const now = new Date();
  const noon = new Date(now.getTime() - daysAgo * DAY * 60_000).setUTCHours(10, 0, 0, 0);
  return Math.round((noon - now.getTime()) / 60_000 + random() * 3.5 * 60);
}

/** The people and the drip of before the month: all of them were there when it began. */
async function begin(world: World, minutes: number): Promise<void> {
  world.database.setNowOffset(`${minutes} minutes`);
  for (const tenant of world.tenants) {
    const people = await makeContacts(world.database, tenant, 80, { tags: ["customer"] });
    const drip = await makeDrip(world.database, tenant, {
      name: "Welcome",
      settings: { transactional: true },
      steps: [
        { minutes: 0, message: MESSAGE },
        { days: 2, message: MESSAGE },
        { weeks: 1, message: MESSAGE },
      ],
    });
    await makeEnrollments(world.database, drip, people.slice(0, 40));
  }
}

/** A tick of that time, as cron starts one, which is killed after so many messages, or has its end. @returns was it killed */
async function tickOf(world: World, minutes: number, killedAfter: number | undefined): Promise<boolean> {
  const now = new Date(Date.now() + minutes * 60_000).toISOString();
  const running = watch(world.startTick(["--now", now, "--budget", "20"]));
  const from = world.simulator.counts().accepted;
  if (killedAfter !== undefined)
    await until(
      "a tick meets its fate",
      () => running.isOver() || world.simulator.counts().accepted >= from + killedAfter,
    );
  const isKilled = killedAfter !== undefined && !running.isOver();
  if (isKilled) running.child.kill("SIGKILL");
  const { code, said } = await running.ended;
  expect([0, isKilled ? "SIGKILL" : 0], said).toContain(code);
  if (isKilled) await world.buryTheDead([running.pid]);
  return isKilled;
}

it(`a random month with crashes: reports say what the simulator's own log says, and a rebuild changes nothing (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const folder = mkdtempSync(join(tmpdir(), "adsapp-month-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, "simulator.ndjson");
  let minutes = 0;
  const world = await makeWorld({
    tenants: 3,
    campaigns: 0,
    people: 0,
    throughput: 200,
    lease: 3,
    simulator: {
      logFile,
      seed,
      now: () => new Date(Date.now() + minutes * 60_000),
      shares: { delivered: 0.95, read: 0.6, failed: 0.03 },
      replyShare: 0.05,
      shuffle: true,
      duplicateStatuses: 0.1,
      latencyMs: 5,
    },
  });
  let killed = 0;
  for (let day = DAYS; day > 0; day--) {
    const noon = noonOf(day, random);
    minutes = noon;
    if (day === DAYS) await begin(world, minutes);
    world.database.setNowOffset(`${minutes} minutes`);
    if (random() < 0.6) await world.addBroadcast({});
    for (const tenant of world.tenants)
      if (random() < 0.3) await makeContacts(world.database, tenant, 5, { tags: ["customer"] });
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--)
      if (await tickOf(world, minutes, random() < 0.6 ? 1 + Math.floor(random() * 120) : undefined)) killed++;
    if (random() < 0.7) await world.bringWebhooks(); // else they come hours late
    for (const hours of [0.25, 8, 16]) {
      minutes = noon + hours * 60;
      await world.tickLater(minutes);
      if (random() < 0.5) await world.bringWebhooks();
    }
  }
  while (minutes < -8 * 60) {
    // a campaign that no tick looks at for 12 hours pauses
    minutes += 8 * 60;
    await world.tickLater(minutes);
  }
  minutes = 0;
  world.database.setNowOffset(undefined);
  await finish(world);
  for (const hours of [8, 16, 25]) {
    // what Meta withheld is tried again after a day
    minutes = hours * 60;
    await world.tickLater(minutes);
    await world.bringWebhooks();
    await world.tickLater(minutes + 1);
  }
  console.log(`seed ${seed}: ${killed} ticks were killed`);
  expect(killed).toBeGreaterThan(5);
  await until(
    "the log is written",
    () => countsOfLog(logFile, String, TIMEZONE).accepted === world.simulator.counts().accepted,
  );
  await expectReportsOf(
    world,
    countsOfLog(logFile, (number) => number.slice(5, -1), TIMEZONE),
  );
  expect(await rebuild(world.database, { since: "2020-01-01", organizationId: null })).toEqual([]);
  await world.expectCleanAudit();
});

/** Each day of each tenant and each code of failures, against the log; a row of days before or after would be one too many. */
async function expectReportsOf(world: World, log: LogCounts): Promise<void> {
  world.database.setNowOffset(undefined);
  const days = new Map<string, DayCounts>();
  const failures = new Map<string, number>();
  const replies = new Map<string, number>();
  const window = { since: "2020-01-01", until: "2099-12-31" };
  for (const [n, tenant] of world.tenants.entries())
    await world.database.transaction(operator(tenant.profileId), async (tx) => {
      for (const line of await analyticsByDay(tx, tenant.id, window)) {
        const key = `${n + 1} ${line.campaignType} ${line.date}`;
        const known = days.get(key) ?? NONE;
        days.set(key, {
          sent: known.sent + line.messagesSent,
          delivered: known.delivered + line.messagesDelivered,
          read: known.read + line.messagesRead,
          failed: known.failed + line.messagesFailed,
        });
        const ofDay = `${n + 1} ${line.date}`;
        replies.set(ofDay, (replies.get(ofDay) ?? 0) + line.repliesReceived);
      }
      for (const { errorCode, failures: count } of await failureNumbers(tx, tenant.id, window, "code"))
        failures.set(`${n + 1} ${errorCode}`, count);
      const ofTemplates = await templateNumbers(tx, tenant.id, window);
      expect(ofTemplates.map(({ template, messagesSent }) => [template, messagesSent])).toEqual([
        ["black_friday", log.sent.get(String(n + 1))],
      ]);
    });
  const sorted = (map: Map<string, unknown>) => Object.fromEntries([...map].sort());
  expect(sorted(days), `seed ${seed}`).toEqual(sorted(log.days));
  expect(sorted(replies), `seed ${seed}`).toEqual(sorted(log.replies));
  expect(sorted(failures), `seed ${seed}`).toEqual(sorted(log.failures));
  expect(log.rows).toBeGreaterThan(2_000);
}
