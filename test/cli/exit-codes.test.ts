import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { useOrganization } from "../../src/organizations/settings.ts";
import { makeCampaign, makeOrganization, makeSender } from "../support/factories.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  const jansen = await makeOrganization(w.database, { slug: "jansen" });
  await makeSender(w.database, jansen);
  await makeCampaign(w.database, jansen, { name: "Black Friday Sale" });
  const real = await makeOrganization(w.database, { slug: "real" });
  await makeSender(w.database, real, { provider: "whatsapp-cloud" });
  useOrganization(w.home, "jansen");
});

afterAll(() => w.end());

describe("which organization", () => {
  it("is the only one, and has to be said where there are several: 2, and it says how", async () => {
    const several = await makeWorld();
    const none = await several.adsapp("campaign list");
    expect(none).toMatchObject({ stdout: "", exitCode: 4 });
    expect(none.stderr).toMatch(/^error: there is no organization yet\nRun: adsapp org create /);
    await makeOrganization(several.database, { slug: "one" });
    expect(await several.adsapp("campaign list")).toMatchObject({ exitCode: 0 });
    await makeOrganization(several.database, { slug: "two" });
    expect(await several.adsapp("campaign list")).toEqual({
      stdout: "",
      stderr:
        "error: there are several organizations\nSay which: --org SLUG, or choose one with: adsapp org use SLUG\n",
      exitCode: 2,
    });
    expect(await several.adsapp("--org two campaign list")).toMatchObject({ exitCode: 0 });
    expect(await several.adsapp("campaign list", { env: { ADSAPP_ORG: "two" } })).toMatchObject({
      exitCode: 0,
    });
    expect(await several.adsapp("tick")).toMatchObject({ exitCode: 0 });
    await several.end();
  });
});

describe("--yes", () => {
  it.each([
    ["campaign cancel", ["campaign", "cancel", "Black Friday Sale"], 'Cancel "Black Friday Sale" (running)?'],
    ["migrate down", ["migrate", "down"], "Take back migrations?"],
    ["user remove", ["user", "remove", "viewer@jansen"], "Remove viewer@jansen from "],
  ])("is needed for %s off a terminal: 2, and nothing changes", async (_what, words, question) => {
    const { stdout, stderr, exitCode } = await w.adsapp(words);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain(`error: this needs --yes when there is no terminal: ${question}`);
    expect(stderr).toMatch(/Nothing was changed\.\n$/);
    expect(await w.json(["campaign", "show", "Black Friday Sale"])).toMatchObject({ status: "running" });
    expect(await w.json<object[]>("user list")).toHaveLength(2);
  });

  it("is needed for db reset off a terminal, which starts no server to say so", async () => {
    const { stdout, stderr, exitCode } = await w.adsapp("db reset", { databaseUrl: "" });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(
      /^error: this needs --yes when there is no terminal: Remove the whole embedded database/,
    );
  });

  it("does not make another's database ours to reset", async () => {
    expect(await w.adsapp("db reset --yes")).toMatchObject({ exitCode: 1 });
  });
});

describe("--now", () => {
  const AT = "2026-11-27T10:00:00+01:00";

  it.each(["garbage", "2026-11-27", "2026-11-27T10:00:00", "2026-13-45T10:00:00Z", "", "now"])(
    "%j is no time with an offset: 2",
    async (time) => {
      const { stdout, stderr, exitCode } = await w.adsapp(["campaign", "list", "--now", time]);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).toBe(
        `error: --now "${time}" is not a time with an offset\nFor example 2026-11-27T10:00:00+01:00\n`,
      );
    },
  );

  it("sets the clock of one command", async () => {
    const { startedAt } = await w.json<{ startedAt: string }>(["--org", "jansen", "tick", "--now", AT]);
    expect(Date.parse(startedAt) - Date.parse(AT)).toBeGreaterThanOrEqual(0);
    expect(Date.parse(startedAt) - Date.parse(AT)).toBeLessThan(60_000);
  });

  const sendsTo = (apiUrl: string) =>
    w.database.transaction(worker, (tx) =>
      tx.run("update senders set api_url = $1 where provider = 'whatsapp-cloud'", [apiUrl]),
    );

  it.each([
    "https://graph.facebook.com/v25.0",
    "https://GRAPH.Facebook.com/v25.0",
    "https://graph.facebook.com:443/v25.0",
    "https://graph.facebook.com./v25.0",
    "https://facebook.com",
  ])("is refused for what writes where a sender uses %s, and allowed for what reads", async (apiUrl) => {
    await sendsTo(apiUrl);
    const writing = [
      "--org real org pause",
      "--org real contact tag vip",
      "--org real tick",
      "tick",
      "webhook ingest -",
    ];
    for (const words of writing) {
      const { stdout, stderr, exitCode } = await w.adsapp([...words.split(" "), "--now", AT]);
      expect({ words, stdout, exitCode }).toEqual({ words, stdout: "", exitCode: 2 });
      expect(stderr).toMatch(
        /^error: --now is refused: sender "main" uses Meta's host, and this command writes\n/,
      );
    }
    for (const words of ["--org real status", "--org real tick --dry-run", "--org real audit", "org list"])
      expect(await w.adsapp([...words.split(" "), "--now", AT])).toMatchObject({ exitCode: 0 });
    expect(await w.adsapp(`--org jansen org resume --now ${AT}`)).toMatchObject({ exitCode: 0 });
  });

  it.each([
    "http://127.0.0.1:4010/v25.0",
    "https://notfacebook.com/v25.0",
    "http://localhost/facebook.com/v25.0",
  ])("is allowed for what writes where a sender uses %s", async (apiUrl) => {
    await sendsTo(apiUrl);
    expect(await w.adsapp(`--org real org resume --now ${AT}`)).toMatchObject({ exitCode: 0 });
  });
});
