import { afterAll, expect, it } from "vitest";
import { newHome, removeHomes } from "../support/embedded-homes.ts";
import { runAdsapp } from "../support/program.ts";

afterAll(removeHomes);

it("adsapp doctor leads from nothing to a set-up where all is fine, and ends with 0 there", async () => {
  const env = { ADSAPP_HOME: await newHome() };
  const run = async (...words: string[]) => runAdsapp(words, { env });
  const broken = async () => {
    const { stdout, exitCode } = await run("doctor", "--json");
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; verdict: string; mend: string }[];
    };
    return {
      exitCode,
      wrong: findings.filter(({ verdict }) => verdict !== "ok").map(({ check, mend }) => [check, mend]),
    };
  };
  expect(await broken()).toEqual({ exitCode: 1, wrong: [["schema", "adsapp migrate up"]] });
  await run("migrate", "up");
  const bare = await broken();
  expect(bare).toMatchObject({
    exitCode: 1,
    wrong: [
      ["organization", expect.stringContaining("org create")],
      ["ticks", expect.stringContaining("crontab")],
    ],
  });
  await run("org", "create", "Bakkerij Jansen", "--slug", "jansen");
  await run("sender", "add", "main", "--provider", "log");
  await run("tick");
  expect(await broken()).toEqual({ exitCode: 0, wrong: [] });
});
