import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudProvider } from "../../src/sending/providers/whatsapp-cloud.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { type Ran, startAdsapp } from "../support/program.ts";
import { CANARIES, hostWithSecrets, leaks, startParrot } from "./canaries.ts";

let w: World;
let env: NodeJS.ProcessEnv;
/** all that was printed, by command line */
const printed: { line: string; text: string }[] = [];

beforeAll(async () => {
  w = await makeWorld();
  env = hostWithSecrets(w);
  await makeContacts(w.database, await makeOrganization(w.database, { slug: "jansen" }), 1);
});

afterAll(() => w.end());

async function adsapp(line: string, more: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const ran = await w.adsapp(line, { env: { ...env, ...more } });
  printed.push({ line, text: ran.stdout + ran.stderr });
  return ran;
}

describe("secrets", () => {
  it("are not in what is kept and shown of an API that repeats the token in its refusal", async () => {
    const provider = cloudProvider({
      apiUrl: await startParrot(),
      phoneNumberId: "1",
      token: CANARIES.token,
    });
    const answer = await provider.send({ to: "31612345678" }, new AbortController().signal);
    await provider.close();
    expect(answer).toMatchObject({
      kind: "refused",
      refusal: { code: 190, details: expect.stringContaining("***") },
    });
    expect(JSON.stringify(answer)).not.toContain(CANARIES.token);
  });

  it("a bug of ours, with its stack, has none; and numbers of people are masked in it", async () => {
    await w.database.transaction({ role: "owner" }, (tx) =>
      tx.run("alter table contacts rename column first_name to voornaam"),
    );
    const ran = await adsapp("contact show +31610000001 --verbose");
    expect(ran.stderr).toMatch(/this is a bug in adsapp/);
    expect(leaks([{ line: "bug", text: ran.stdout + ran.stderr }])).toEqual([]);
    await w.database.transaction({ role: "owner" }, (tx) =>
      tx.run("alter table contacts rename column voornaam to first_name"),
    );
  });

  it("a receiver's talk has none, and no phone number in full", async () => {
    const child = startAdsapp(["webhook", "serve", "--port", "0", "--verbose"], {
      databaseUrl: w.url,
      home: w.home,
      env,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        text += chunk;
      });
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (!/http:\/\/[\d.]+:\d+/.test(text)) await new Promise((resolve) => setTimeout(resolve, 10));
    const url = /http:\/\/[\d.]+:\d+\S*/.exec(text)?.[0] ?? "";
    const origin = new URL(url).origin;
    await fetch(
      `${origin}/webhook?hub.mode=subscribe&hub.verify_token=${CANARIES.verifyToken}&hub.challenge=1`,
    );
    await fetch(`${origin}/webhook`, {
      method: "POST",
      headers: { "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
      body: JSON.stringify({ from: "+31612345678" }),
    });
    const cmdline = readFileSync(`/proc/${child.pid}/cmdline`, "utf8");
    child.kill("SIGTERM");
    await ended;
    expect(leaks([{ line: "webhook serve", text: text + cmdline }])).toEqual([]);
    expect(text).not.toContain("31612345678");
  });

  it("psql gets the password by its environment and not among its arguments", async () => {
    const folder = join(w.home, "bin");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "psql"),
      '#!/bin/sh\nprintf "%s\\n" "$@" >"$ADSAPP_HOME/argv"\nprintf "%s" "$PGPASSWORD" >"$ADSAPP_HOME/password"\n',
    );
    chmodSync(join(folder, "psql"), 0o755);
    const ran = await adsapp("db psql -- -c select", { PATH: `${folder}:${process.env.PATH}` });
    expect(ran).toMatchObject({ exitCode: 0 });
    const argv = readFileSync(join(w.home, "argv"), "utf8");
    expect(argv).toMatch(/^postgresql:\/\/adsapp@/);
    expect(leaks([{ line: "psql", text: argv }])).toEqual([]);
    expect(readFileSync(join(w.home, "password"), "utf8")).toBe(CANARIES.password);
    const without = await adsapp("db psql", { PATH: w.home });
    expect(leaks([{ line: "no psql", text: without.stdout + without.stderr }])).toEqual([]);
  });
});
