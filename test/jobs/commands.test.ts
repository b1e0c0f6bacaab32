import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeWorld, type World } from "../cli/world.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestJob,
  type TestOrganization,
} from "../support/factories.ts";

let w: World;
let organization: TestOrganization;

beforeAll(async () => {
  w = await makeWorld();
  organization = await makeOrganization(w.database, { slug: "jansen" });
  await makeSender(w.database, organization);
});

afterAll(() => w.end());

async function campaign(name: string, states: Parameters<typeof makeJobs>[2]): Promise<TestJob[]> {
  const made = await makeCampaign(w.database, organization, { name, settings: { onUnknown: "hold" } });
  return makeJobs(w.database, await makeRun(w.database, made), states);
}

describe("a day with messages of which nobody knows", () => {
  it("is settled from the command line: listed, shown, resolved, retried, and sent by the next tick", async () => {
    const jobs = await campaign("Sale", { sent: 1, unknown: 3, failed: 1 });
    const [first] = jobs.filter(({ status }) => status === "unknown");
    expect((await w.adsapp("tick")).exitCode).toBe(0);
    expect((await w.adsapp("campaign list")).stdout).toMatch(/completed, 3 held/);
    expect((await w.adsapp("campaign show Sale")).stdout).toMatch(/completed, 3 held/);
    expect((await w.adsapp("status")).stdout).toMatch(/completed, 3 held/);
    expect(await w.json("campaign list")).toMatchObject([{ status: "completed", held: 3 }]);
    expect(await w.json("job list --status unknown")).toHaveLength(3);
    expect((await w.adsapp(["job", "show", first?.id as string])).stdout).toMatch(/waits for a person/);

    expect(await w.json(`job resolve ${first?.id} --as sent`)).toMatchObject({ resolved: 1, sent: 1 });
    expect(await w.json(`job resolve ${first?.id} --as sent`)).toMatchObject({ resolved: 0 });
    const asWhom = `--as cli@jansen job resolve --campaign Sale --as not-sent --yes`;
    expect(await w.json(asWhom)).toMatchObject({ resolved: 2, pending: 2, reopened: true });
    expect(await w.json("campaign retry Sale --failed --yes")).toMatchObject({
      retried: 1,
      status: "running",
    });

    expect(await w.json("tick")).toMatchObject({ sent: { bulk: 3 } });
    expect(await w.json("campaign show Sale")).toMatchObject({
      status: "completed",
      held: 0,
      statistics: { messagesSent: 5, messagesFailed: 0 },
    });
    expect((await w.adsapp("audit")).exitCode).toBe(0);
  });

  it.each([
    ["job resolve --as sent", /say which/],
    ["job resolve 5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11", /--as sent or --as not-sent/],
    ["campaign retry Sale", /say what to retry: --failed/],
    ["job list --status gone", /Allowed choices/],
  ])("%s is wrong usage", async (words, said) => {
    const { stderr, exitCode } = await w.adsapp(words);
    expect({ stderr, exitCode }).toEqual({ stderr: expect.stringMatching(said), exitCode: 2 });
  });

  it("asks before failed messages go out again, and says what is not there", async () => {
    await campaign("Again", { failed: 1 });
    expect(await w.adsapp("campaign retry Again --failed")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("needs --yes"),
    });
    expect((await w.adsapp("job show 5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11")).exitCode).toBe(4);
    expect((await w.adsapp("--as viewer@jansen campaign retry Again --failed --yes")).exitCode).toBe(5);
  });
});
