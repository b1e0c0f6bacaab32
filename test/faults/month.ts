import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { rebuild } from "../../src/analytics/rebuild.ts";
import type { SimulatorOptions } from "../../src/simulator/simulator.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts } from "../support/factories.ts";
import { until } from "../support/until.ts";
import { type Act, answerSome } from "./agents.ts";
import { finish } from "./finish.ts";
import { countsOfLog } from "./log-counts.ts";
import { expectReportsOf, IN_DRIP, TIMEZONE } from "./month-reports.ts";
import { watch } from "./processes.ts";
import { randomOf } from "./random.ts";
import { makeWorld, type World } from "./world.ts";

/** so that the clocks of Amsterdam change within it, now and then */
const DAYS = 33;
const DAY = 24 * 60;
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
    await makeEnrollments(world.database, drip, people.slice(0, IN_DRIP));
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

/** What Meta withheld; an outcome that nobody will ever know is none. */
async function isAnyPending(world: World): Promise<boolean> {
  return (await world.query("select from bulk_message_jobs where status = 'pending' limit 1")).length > 0;
}

/**
 * A month of several tenants, with crashes, late, repeated and reordered webhooks, and agents who answer. Then reports say what the simulator's
 * own log says, a rebuild changes nothing, and the audit is clean.
 * @param traffic how the simulator behaves: what people answer, and what fails
 */
export async function expectMonthOf(seed: number, traffic: Partial<SimulatorOptions>): Promise<void> {
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
      replyShare: 0.05,
      shuffle: true,
      duplicateStatuses: 0.1,
      latencyMs: 5,
      ...traffic,
    },
  });
  let killed = 0;
  const acts: Act[] = [];
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
    for (const hours of [0.5, 8, 16]) {
      // all that people answer within half an hour is in the past by then
      minutes = noon + hours * 60;
      await world.tickLater(minutes);
      if (random() < 0.5) await world.bringWebhooks();
      acts.push(...(await answerSome(world, random, Date.now() + minutes * 60_000)));
    }
  }
  // what people answer is told at once, and no later than now: the day on which they do must not end before
  const noon = noonOf(-1, () => 0);
  while (minutes < noon - 8 * 60) {
    // a campaign that no tick looks at for 12 hours pauses
    minutes += 8 * 60;
    await world.tickLater(minutes);
  }
  minutes = noon;
  world.database.setNowOffset(`${minutes} minutes`);
  await finish(world, undefined, minutes);
  await world.giveUpUnknowns(); // of ticks that were killed before they sent what they had claimed
  for (let hours = 0; hours <= 72 && (hours <= 24 || (await isAnyPending(world))); hours += 8) {
    // what Meta withholds is tried again a day after it said so
    minutes = noon + hours * 60 + 30;
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
  const log = countsOfLog(logFile, (number) => number.slice(5, -1), TIMEZONE);
  await expectReportsOf(world, log, acts, `seed ${seed}`);
  expect(await rebuild(world.database, { since: "2020-01-01", organizationId: null })).toEqual([]);
  await world.expectCleanAudit();
}
