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

/**
 * The whole loop on real parts, as commands that the reader can repeat: embedded PostgreSQL, a contact list of 1,000
 * fictional people, the Black Friday broadcast, the simulator's Cloud API over HTTP, its webhooks, the report.
 * Each run works in an organization of its own (demo, demo-2, …), so that a second run is like the first.
 * @throws UserError when one of the commands fails
 */
export async function quickstart(options: QuickstartOptions): Promise<void> {
  const home = join(options.home, "quickstart");
  mkdirSync(home, { recursive: true });
  const session = new Session({ home, env: options.env, print: options.print });
  const fixture = (name: string) => relative(process.cwd(), join(packageRoot(), "fixtures", name)) || name;
  options.print("adsapp quickstart: from a contact list to a report, without an account at Meta.");
  options.print(`\n$ export ADSAPP_HOME=${home} WHATSAPP_TOKEN=demo-token`);
  try {
    await session.run(["db", "start"]);
    await session.run(["migrate", "up"]);
    const slug = nextSlug(await session.ask(["org", "list", "--format", "json"]));
    const bodies = fresh(join(home, `${slug}-webhooks.ndjson`));
    const ledger = fresh(join(home, `${slug}-simulator.ndjson`));
    const org = ["--org", slug];
    await session.run([
      "org",
      "create",
      "Bakkerij Demo",
      "--slug",
      slug,
      "--timezone",
      "Europe/Amsterdam",
      "--country",
      "NL",
    ]);
    const port = String(await freePort());
    const url = (
      await session.start([
        "simulator",
        "--port",
        port,
        "--token",
        "demo-token",
        "--immediate",
        "--webhook-file",
        bodies,
        "--log",
        ledger,
      ])
    ).trim();
    options.print(url);
    await session.run([
      "sender",
      "add",
      "main",
      "--phone-number-id",
      PHONE_NUMBER_ID,
      "--waba-id",
      WABA_ID,
      "--token-env",
      "WHATSAPP_TOKEN",
      "--throughput",
      "80",
      "--api-url",
      `http://127.0.0.1:${port}`,
      ...org,
    ]);
    const rejects = join(home, `${slug}-rejects.csv`);
    await session.run(
      [
        "contact",
        "import",
        fixture("contacts-dutch.csv"),
        "--list",
        "klanten",
        "--country",
        "NL",
        "--rejects",
        fresh(rejects),
        ...org,
      ],
      [3],
    );
    await session.run(["template", "add", "-f", fixture("template-black-friday.yaml"), ...org]);
    await session.run(["campaign", "create", "-f", fixture("black-friday.yaml"), ...org]);
    await session.run(["campaign", "preview", CAMPAIGN, ...org]);
    await session.run(["campaign", "start", CAMPAIGN, ...org]);
    await session.run(["tick", "--verbose", ...org]);
    await session.close(); // the simulator writes its last webhooks
    await session.run(["webhook", "ingest", bodies, ...org]);
    await session.run(["campaign", "show", CAMPAIGN, ...org]);
    await session.run(["report", "analytics", ...org]);
    await session.run(["audit", ...org]);
    options.print(
      `\nEvery line above that starts with $ can be repeated. The simulator's own ledger: ${ledger}`,
    );
    options.print("Next: docs/guide/first-campaign.md; `adsapp --help` lists the commands.");
  } finally {
    await session.close();
  }
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
