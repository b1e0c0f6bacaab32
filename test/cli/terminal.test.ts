import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { KEY } from "../support/answers.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { atTerminal } from "./pty.ts";
import { makeWorld, type World } from "./world.ts";

const BIN = join(packageRoot(), "bin", "adsapp.js");

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  const organization = await makeOrganization(w.database);
  await makeSender(w.database, organization);
  await makeContacts(w.database, organization, 5_000);
  await makeCampaign(w.database, organization, { name: "Sale" });
});

afterAll(() => w.end());

const environment = () => ({
  PATH: process.env.PATH,
  TERM: "xterm",
  NODE: process.execPath,
  BIN,
  DATABASE_URL: w.url,
  ADSAPP_HOME: w.home,
});

describe("a pipe whose reader has gone", () => {
  it.each(["csv", "ndjson", "json", "table"])("ends %s quietly, with 0", async (format) => {
    const line = `"$NODE" "$BIN" contact list --limit 5000 --format ${format} | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-c", line], {
      env: environment(),
    });
    const [first = "", ...rest] = stdout.trim().split("\n");
    expect(first).not.toBe("");
    expect({ rest, stderr }).toEqual({ rest: ["0"], stderr: "" });
  });
});

describe("a prompt", () => {
  it("that Ctrl-C interrupts ends with 130, and nothing is changed", async () => {
    const { screen, exitCode } = await atTerminal(w, ["campaign", "cancel", "Sale"], [["(y/N)", KEY.ctrlC]]);
    expect(screen).toMatch(/Cancel "Sale" \(running\)\? It cannot be started again\./);
    expect(screen).toMatch(/interrupted; nothing was changed/);
    expect(exitCode).toBe(130);
    expect(await w.json("campaign show Sale")).toMatchObject({ status: "running" });
  });

  it("that is answered with no changes nothing and ends with 0", async () => {
    const { screen, exitCode } = await atTerminal(
      w,
      ["campaign", "cancel", "Sale"],
      [["(y/N)", `n${KEY.enter}`]],
    );
    expect(screen).toMatch(/Nothing was changed\./);
    expect(exitCode).toBe(0);
    expect(await w.json("campaign show Sale")).toMatchObject({ status: "running" });
  });
});

describe("a tick", () => {
  it("that somebody looks at tells how far it is; cron is told nothing", async () => {
    const organization = await makeOrganization(w.database);
    await makeSender(w.database, organization);
    const send = async (name: string) =>
      makeJobs(
        w.database,
        await makeRun(w.database, await makeCampaign(w.database, organization, { name })),
        {
          pending: 60,
        },
      );
    await send("Seen");
    const { screen, exitCode } = await atTerminal(w, ["tick", "--org", organization.slug], []);
    expect(screen).toMatch(/sending █+░* ?\d+ of 60 \(\d+ %\), \d+\/s, \d+ s left/);
    expect(exitCode).toBe(0);
    await send("Unseen");
    expect(await w.adsapp(`tick --org ${organization.slug}`)).toEqual({
      stdout: "",
      stderr: "",
      exitCode: 0,
    });
    expect((await w.adsapp(`audit --org ${organization.slug}`)).exitCode).toBe(0);
  });
});
