import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { makeWorld, type World } from "../cli/world.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeTemplate,
} from "../support/factories.ts";
import type { Ran } from "../support/program.ts";
import { CANARIES, hostWithSecrets, leaks, startParrot } from "./canaries.ts";

const MESSAGE = { type: "template", template: "black_friday", language: "nl", variables: { "1": "Jan" } };

let w: World;
let env: NodeJS.ProcessEnv;
/** all that was printed, by command line */
const printed: { line: string; text: string }[] = [];

beforeAll(async () => {
  w = await makeWorld();
  env = hostWithSecrets(w);
});

afterAll(() => w.end());

async function adsapp(line: string, more: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const ran = await w.adsapp(line, { env: { ...env, ...more } });
  printed.push({ line, text: ran.stdout + ran.stderr });
  return ran;
}

/** Command lines of every process of this machine, for as long as `work` takes. */
async function commandLinesDuring(work: () => Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {} // it has ended
    }
  };
  const timer = setInterval(look, 25);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return seen;
}

describe("secrets", () => {
  it("are in nothing that a working day prints: lists, ticks, failures, faults of ours with --verbose, command lines", async () => {
    const organization = await makeOrganization(w.database, { slug: "jansen" });
    const simulator = await startSimulator({ immediate: true, shares: { failed: 0 } });
    onTestFinished(() => simulator.close());
    const api = `${simulator.url}/v25.0`;
    await makeTemplate(w.database, organization);
    const people = await makeContacts(w.database, organization, 3);
    const lines = await commandLinesDuring(async () => {
      const number = "--phone-number-id 10654035224292";
      await adsapp(
        `sender add main ${number}2 --token-env WHATSAPP_TOKEN --app-secret-env OWN_SECRET --api-url ${api} --default`,
      );
      await adsapp(`sender add other ${number}3 --token-env OTHER_TOKEN --api-url ${await startParrot()}`);
      const sale = await makeCampaign(w.database, organization, { name: "Actie", message: MESSAGE });
      await makeJobs(w.database, await makeRun(w.database, sale), { pending: 3 }, { contacts: people });
      const [other] = await w.json<{ id: string }[]>("sender list --org jansen").then((all) => all.slice(-1));
      const refused = await makeCampaign(w.database, organization, {
        name: "Geweigerd",
        message: MESSAGE,
        senderId: other?.id ?? "",
      });
      await makeJobs(w.database, await makeRun(w.database, refused), { pending: 3 }, { contacts: people });
      await adsapp("tick --verbose");
      for (const line of [
        "sender list --json",
        "sender show main --json",
        "sender show other --json",
        "job list --json",
      ])
        await adsapp(line);
      for (const line of [
        "status --verbose",
        "db status",
        "org show --json",
        "campaign show Geweigerd --json",
        "audit",
      ])
        await adsapp(line);
      await adsapp("template sync --verbose");
      await adsapp("crontab");
      await adsapp("tick --verbose", { WHATSAPP_TOKEN: "", WHATSAPP_TOKEN_FILE: join(w.home, "none") });
      await adsapp("status --verbose", {
        ADSAPP_WEBHOOK_APP_SECRET: "",
        ADSAPP_WEBHOOK_APP_SECRET_FILE: w.home,
      });
      const nowhere = `postgresql://adsapp:${encodeURIComponent(CANARIES.password)}@127.0.0.1:1/x`;
      const all = {
        DATABASE_URL: nowhere,
        ADSAPP_WORKER_DATABASE_URL: nowhere,
        ADSAPP_OPERATOR_DATABASE_URL: nowhere,
      };
      for (const line of ["tick --verbose", "migrate up --verbose", "org list --verbose"])
        await adsapp(line, all);
      await adsapp("status", { DATABASE_URL: `mysql://adsapp:${CANARIES.password}@h/x` });
    });
    const failing = printed.filter(({ text }) => /error/.test(text)).length;
    expect(failing).toBeGreaterThan(5);
    const jobs = printed.find(({ line }) => line === "job list --json")?.text ?? "";
    expect(jobs).toMatch(/"sent"/);
    const other = printed.find(({ line }) => line === "sender show other --json")?.text;
    expect(other).toMatch(/"state": "halted"/);
    expect(leaks(printed)).toEqual([]);
    expect(leaks([...lines].map((text) => ({ line: "argv", text })))).toEqual([]);
    const rows = await w.database.transaction({ role: "owner" }, async (tx) => {
      const tables = await tx.query<{ name: string }>(
        "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
      );
      const texts: { line: string; text: string }[] = [];
      for (const { name } of tables)
        texts.push({
          line: `table ${name}`,
          text:
            (
              await tx.one<{ text: string }>(
                `select coalesce(string_agg(t::text, ' '), '') as text from ${name} t`,
              )
            )?.text ?? "",
        });
      return texts;
    });
    expect(leaks(rows)).toEqual([]);
    expect(await adsapp("audit")).toMatchObject({ exitCode: 0 });
  });
});
