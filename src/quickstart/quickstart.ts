import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { packageRoot } from "../root.ts";
import { Session } from "./session.ts";

export interface QuickstartOptions {
  /** adsapp's state folder; the quickstart keeps to a folder of its own in it */
  home: string;
  env: NodeJS.ProcessEnv;
  print: (line: string) => void;
}

const PHONE_NUMBER_ID = "106540352242922";
const WABA_ID = "102290129340398";
const CAMPAIGN = "Black Friday Sale";
const DRIP = "Nieuwe Lead Opvolging";

/**
 * The whole loop on real parts, as commands that the reader can repeat: embedded PostgreSQL, a contact list of 1,000
 * fictional people, the Black Friday broadcast and the lead sequence of eight days on a fast clock, the simulator's Cloud
 * API over HTTP, its webhooks, the reports.
 * Each run works in an organization of its own (demo, demo-2, …), so that a second run is like the first.
 * @throws UserError when one of the commands fails
 */
export async function quickstart(options: QuickstartOptions): Promise<void> {
  const home = join(options.home, "quickstart");
  mkdirSync(home, { recursive: true });
  const session = new Session({ home, env: options.env, print: options.print });
  options.print("adsapp quickstart: from a contact list to a report, without an account at Meta.");
  options.print(`\n$ export ADSAPP_HOME=${home} WHATSAPP_TOKEN=demo-token`);
  try {
    await session.run(["db", "start"]);
    await session.run(["migrate", "up"]);
    const slug = nextSlug(await session.ask(["org", "list", "--format", "json"]));
    const demo: Demo = {
      session,
      print: options.print,
      org: ["--org", slug],
      port: String(await freePort()),
      file: (name) => fresh(join(home, `${slug}-${name}`)),
    };
    await setUp(demo, slug);
    await sendBroadcast(demo);
    await runDrip(demo);
    const page = demo.file("report.html");
    const day = new Date(Date.now() + 8 * 86_400_000).toISOString().slice(0, 10);
    await session.run([
      "report",
      "analytics",
      "--until",
      day,
      "--format",
      "html",
      "--output",
      page,
      ...demo.org,
    ]);
    await session.run(["audit", ...demo.org]);
    options.print(
      "\nEvery line above that starts with $ can be repeated; the simulator's own ledgers are beside it.",
    );
    options.print("Next: docs/guide/first-campaign.md; `adsapp --help` lists the commands.");
  } finally {
    await session.close();
  }
}

interface Demo {
  session: Session;
  print: (line: string) => void;
  org: string[];
  /** of the simulated Cloud API */
  port: string;
  /** a file of this run, new */
  file: (name: string) => string;
}

async function setUp({ session, org, port, file }: Demo, slug: string): Promise<void> {
  const place = ["--timezone", "Europe/Amsterdam", "--country", "NL"];
  await session.run(["org", "create", "Bakkerij Demo", "--slug", slug, ...place]);
  const number = [
    "--phone-number-id",
    PHONE_NUMBER_ID,
    "--waba-id",
    WABA_ID,
    "--token-env",
    "WHATSAPP_TOKEN",
  ];
  const url = `http://127.0.0.1:${port}`;
  await session.run(["sender", "add", "main", ...number, "--throughput", "80", "--api-url", url, ...org]);
  const list = ["--list", "klanten", "--country", "NL", "--rejects", file("rejects.csv")];
  await session.run(["contact", "import", fixture("contacts-dutch.csv"), ...list, ...org], [3]);
}

async function sendBroadcast(demo: Demo): Promise<void> {
  const { session, org, file } = demo;
  const bodies = file("webhooks.ndjson");
  await startSimulator(demo, ["--webhook-file", bodies, "--log", file("simulator.ndjson")]);
  await session.run(["template", "add", "-f", fixture("template-black-friday.yaml"), ...org]);
  await session.run(["campaign", "create", "-f", fixture("black-friday.yaml"), ...org]);
  await session.run(["campaign", "preview", CAMPAIGN, ...org]);
  await session.run(["campaign", "start", CAMPAIGN, ...org]);
  await session.run(["tick", "--verbose", ...org]);
  await session.close(); // the simulator writes its last webhooks
  await session.run(["webhook", "ingest", bodies, ...org]);
  await session.run(["campaign", "show", CAMPAIGN, ...org]);
  await session.run(["report", "analytics", ...org]);
}

/** Eight days in three ticks: --now sets the clock of a command. */
async function runDrip(demo: Demo): Promise<void> {
  const { session, org, file } = demo;
  await startSimulator(demo, ["--log", file("simulator-drip.ndjson")]);
  for (const name of ["welkom", "hulp-nodig", "aanbieding"])
    await session.run(["template", "add", "-f", fixture(`template-${name}.yaml`), "--quiet", ...org]);
  await session.run(["drip", "create", "-f", fixture("lead.yaml"), ...org]);
  await session.run(["drip", "activate", DRIP, ...org]);
  await session.run(["drip", "enroll", DRIP, "--tag", "leads", ...org], [3]);
  await session.run(["tick", "--verbose", ...org]);
  for (const days of [2, 8]) {
    const now = new Date(Date.now() + days * 86_400_000 + 600_000).toISOString();
    await session.run(["tick", "--verbose", "--now", now, ...org]);
  }
  await session.close();
  await session.run(["drip", "show", DRIP, ...org]);
}

async function startSimulator({ session, print, port }: Demo, more: readonly string[]): Promise<void> {
  const started = ["simulator", "--port", port, "--token", "demo-token", "--immediate", ...more];
  print((await session.start(started)).trim());
}

function fixture(name: string): string {
  return relative(process.cwd(), join(packageRoot(), "fixtures", name)) || name;
}

/** demo, demo-2, demo-3 …: the first that is not taken. */
function nextSlug(organizations: string): string {
  const taken = new Set((JSON.parse(organizations || "[]") as { slug: string }[]).map((row) => row.slug));
  for (let n = 1; ; n++) {
    const slug = n === 1 ? "demo" : `demo-${n}`;
    if (!taken.has(slug)) return slug;
  }
}

function fresh(file: string): string {
  rmSync(file, { force: true });
  return file;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
