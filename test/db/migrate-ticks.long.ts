import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { migrateDown, migrateUp } from "../../src/db/migrate.ts";
import { expectEachOnce, finish } from "../faults/finish.ts";
import { type Ended, type Running, watch } from "../faults/processes.ts";
import { makeWorld, type World } from "../faults/world.ts";
import { until } from "../support/until.ts";
import { folderOf, NAMES } from "./migrating.ts";

const PEOPLE = 600;

const sendingWorld = () =>
  makeWorld({
    tenants: 2,
    people: PEOPLE,
    inDrip: 40,
    throughput: 15,
    lease: 5,
    settings: { holdMinutes: 1 },
  });

/** Ticks as cron starts them, a new one whenever one has ended, until `stop`; and what each of them ended with. */
function cron(world: World): { stop(): Promise<Ended[]> } {
  const ended: Ended[] = [];
  let stopped = false;
  const row = async () => {
    while (!stopped) {
      const running: Running = watch(world.startTick(["--budget", "10"]));
      ended.push(await running.ended);
    }
  };
  const rows = Promise.all([row(), row()]);
  return {
    async stop() {
      stopped = true;
      await rows;
      return ended;
    },
  };
}

const oneTick = (world: World) => watch(world.startTick()).ended;

const accepted = (world: World) => world.simulator.accepted().length;

async function sendsOn(world: World, by = 20): Promise<void> {
  const before = accepted(world);
  await until(`${by} more messages`, () => accepted(world) >= before + by);
}

it("the last migration is taken back and made again under ticks that send: nothing is lost, nothing is twice", async () => {
  const world = await sendingWorld();
  const ticks = cron(world);
  for (let i = 0; i < 4; i++) {
    await sendsOn(world);
    expect(await migrateDown(world.databaseUrl, { force: true })).toEqual([NAMES.at(-1)]); // what it drops is counted anew
    if (i === 0)
      expect(await oneTick(world)).toMatchObject({ code: 75, said: expect.stringMatching(/behind by 1 of/) });
    expect(await migrateUp(world.databaseUrl)).toEqual([NAMES.at(-1)]);
  }
  await sendsOn(world);
  const ended = await ticks.stop();
  expect(ended.filter(({ code }) => code !== 0 && code !== 75)).toEqual([]);
  for (const { code, said } of ended) if (code === 75) expect(said).toMatch(/schema is behind by 1 of/);
  await finish(world);
  await expectEachOnce(world);
});

it("a new migration over the tables that are written most, under ticks that send: they work on, and the next ones say it is newer", async () => {
  const world = await sendingWorld();
  const folder = folderOf();
  const name = "999_wide";
  const tables = ["messages", "bulk_message_jobs", "drip_message_logs", "senders", "contacts"];
  const each = (sql: (table: string) => string) => tables.map(sql).join("\n");
  writeFileSync(
    join(folder, `${name}.up.sql`),
    each(
      (t) =>
        `alter table ${t} add column wide text not null default 'x';\ncreate index ${t}_wide_idx on ${t} (wide);`,
    ),
  );
  writeFileSync(
    join(folder, `${name}.down.sql`),
    each((t) => `alter table ${t} drop column wide;`),
  );
  const newer = /newer than this program: it has the migration 999_wide/;
  const ticks = cron(world);
  for (let i = 0; i < 3; i++) {
    await sendsOn(world);
    expect(await migrateUp(world.databaseUrl, { folder })).toEqual([name]);
    if (i === 0) expect(await oneTick(world)).toMatchObject({ code: 1, said: expect.stringMatching(newer) });
    expect(await migrateDown(world.databaseUrl, { folder })).toEqual([name]);
  }
  await sendsOn(world);
  const ended = await ticks.stop();
  expect(ended.filter(({ code, said }) => code !== 0 && code !== 75 && !newer.test(said))).toEqual([]);
  await finish(world);
  await expectEachOnce(world);
});
