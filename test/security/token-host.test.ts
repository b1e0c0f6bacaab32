import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { mayHaveTokens } from "../../src/senders/token-host.ts";
import { makeWorld, type World } from "../cli/world.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";

const CANARY = "canary-of-the-environment";
let w: World;

beforeAll(async () => {
  w = await makeWorld();
});

afterAll(() => w.end());

describe("a token", () => {
  it.each([
    "https://graph.facebook.com/v25.0",
    "https://127.0.0.1:4010/v25.0",
    "http://localhost:4010/v25.0",
    "http://[::1]:4010/v25.0",
    "https://proxy.example/v24.0",
  ])("may go to %s", (url) => {
    expect(mayHaveTokens(url, { ADSAPP_WHATSAPP_API_URL: "https://proxy.example/meta/v25.0" })).toBe(true);
  });

  it.each([
    "https://evil.example/v25.0",
    "https://graph.facebook.com.evil.example/v25.0",
    "https://graph.facebook.com@evil.example/v25.0",
    "https://evilfacebook.com/v25.0",
    "http://graph.facebook.com/v25.0",
    "https://graph.facebook.com:8443/v25.0",
    "https://proxy.example:8443/v25.0",
    "http://0.0.0.0:4010/v25.0",
    "http://127.0.0.1.evil.example/v25.0",
    "ftp://localhost/v25.0",
    "",
  ])("may not go to %s", (url) => {
    expect(mayHaveTokens(url, { ADSAPP_WHATSAPP_API_URL: "https://proxy.example/meta/v25.0" })).toBe(false);
  });

  it("of the environment is not told to a host that an organization's people wrote into their sender", async () => {
    const heard: unknown[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers);
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const organization = await makeOrganization(w.database, { slug: "jansen" });
    const sender = await makeSender(w.database, organization, { provider: "whatsapp-cloud", wabaId: "1022" });
    await makeContacts(w.database, organization, 2);
    const run = await makeRun(w.database, await makeCampaign(w.database, organization));
    await makeJobs(w.database, run, { pending: 2 });
    const { port } = server.address() as AddressInfo;
    await w.database.transaction(operator(organization.profileId), (tx) =>
      tx.run("update senders set api_url = $2, token_env = 'CANARY', token_file = null where id = $1", [
        sender.id,
        `http://0.0.0.0:${port}/v25.0`, // this machine by a name that is not loopback's
      ]),
    );
    const tick = await w.adsapp("tick --verbose", { env: { CANARY } });
    expect(tick.stderr + tick.stdout).toMatch(/would send its token to http:\/\/0\.0\.0\.0/);
    expect(heard).toEqual([]);
    const jobs = await w.json<{ status: string }[]>("job list --org jansen");
    expect(jobs.map(({ status }) => status)).toEqual(["pending", "pending"]);
    expect(await w.adsapp("audit")).toMatchObject({ exitCode: 0 });
    const sync = await w.adsapp("template sync --org jansen", { env: { CANARY } });
    expect(sync.stderr + sync.stdout).not.toContain(CANARY);
    expect(heard).toEqual([]);
  });
});
