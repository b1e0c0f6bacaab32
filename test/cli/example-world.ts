// What the examples of the help texts speak of: an organization, its people and campaigns, and a folder with their files.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { packageRoot } from "../../src/root.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { copyTestDatabase, createTestDatabase } from "../support/database.ts";
import { makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { runProgram } from "../support/npm.ts";
import type { Ran } from "../support/program.ts";

/** The clock of every example: two hours before the times that they name. */
const NOW = "2026-11-27T08:00:00+01:00";

const MAKE = `
adsapp org create "Bakkerij Jansen" --slug jansen --timezone Europe/Amsterdam --country NL
adsapp user add anna@jansen.example --name "Anna de Wit" --role agent
adsapp user add bas@jansen.example --role agent
adsapp sender add main --phone-number-id 106540352242922 --waba-id 102290129340398 --token-env WHATSAPP_TOKEN
adsapp template add -f fixtures/template-black-friday.yaml
adsapp template add -f fixtures/template-welkom.yaml
adsapp template add -f fixtures/template-hulp-nodig.yaml
adsapp template add -f fixtures/template-aanbieding.yaml
adsapp contact import contacts.csv --list klanten
adsapp campaign create -f black-friday.yaml
adsapp drip create -f lead.yaml
adsapp rule create -f rule.yaml
adsapp webhook ingest message.json
adsapp tick --only inbox
adsapp org token create webshop
`;

const message = (id: string, body: string) => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "102290129340398",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "31201234567", phone_number_id: "106540352242922" },
            contacts: [{ profile: { name: "Sanne" }, wa_id: "31612345678" }],
            messages: [{ from: "31612345678", id, timestamp: "1795762500", type: "text", text: { body } }],
          },
        },
      ],
    },
  ],
});

const EVENT = '{"event":"purchased","contact":"+31612345678","data":{"total":25}}\n';
const CONTACTS = `Voornaam;Mobiel;Labels
Sanne;0612345678;customers,vip,leads
Daan;0687654321;customers,vergissing
Fleur;0611111111;customer
`;
const RULE = `kind: rule
name: Lead in de drip
trigger: { type: tag_added, tag: leads }
actions: [{ type: enroll_drip_campaign, campaign: Nieuwe Lead Opvolging }]
`;

/** The files that the examples name. */
function writeFiles(folder: string): void {
  const fixtures = join(packageRoot(), "fixtures");
  symlinkSync(fixtures, join(folder, "fixtures"));
  cpSync(join(fixtures, "black-friday.yaml"), join(folder, "black-friday.yaml"));
  cpSync(join(fixtures, "lead.yaml"), join(folder, "lead.yaml"));
  cpSync(join(fixtures, "template-welkom.yaml"), join(folder, "welcome.yaml"));
  const body = `${JSON.stringify(message("wamid.IN.2", "Hoe laat zijn jullie open?"))}\n`;
  const files: Record<string, string | Buffer> = {
    "contacts.csv": CONTACTS,
    "export.csv": CONTACTS.replace("Mobiel", "Mobiel 2"),
    "rule.yaml": RULE,
    "rates.csv": "country,category,price,currency\nNL,MARKETING,0.1131,EUR\n",
    "hours.json": '{"mon":[["09:00","17:30"]]}',
    "geblokkeerd.txt": "0687654321\n",
    "answer.txt": "Ja, morgen om tien uur.\n",
    "events.ndjson": EVENT,
    "events.ndjson.gz": gzipSync(EVENT),
    "message.json": JSON.stringify(message("wamid.IN.1", "stop? of toch niet, kan ik nog bestellen")),
    "disabled.json": JSON.stringify(
      JSON.parse(readFileSync(join(fixtures, "webhooks/account-disabled.json"), "utf8")),
    ),
    "strangers.ndjson": ["wamid.IN.8", "wamid.IN.9"]
      .map((id) => `${JSON.stringify(message(id, "Hoi")).replace("106540352242922", "999")}\n`)
      .join(""),
    "bodies.ndjson": body,
    "bodies.ndjson.gz": gzipSync(body),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const program = `"${process.execPath}" "${join(packageRoot(), "bin/adsapp.js")}" --yes --now ${NOW} "$@"`;
  // --foreground: the program alone is told to stop, once; told again by its group while it is at the door it would end with 143
  const shim = `#!/bin/sh\nif [ -n "$UNTIL" ]; then exec timeout --foreground --preserve-status "$UNTIL" ${program}; fi\nexec ${program}\n`;
  writeFileSync(join(bin, "adsapp"), shim, { mode: 0o755 });
}

export interface ExampleWorld {
  /** runs a shell line in a copy of the world, as a person would who says yes; the copies are independent */
  run(line: string, given?: { until?: number; isEmpty?: boolean }): Promise<Ran>;
  end(): Promise<void>;
}

export async function makeExampleWorld(): Promise<ExampleWorld> {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-examples-"));
  const simulator = await startSimulator({ webhook: { file: join(folder, "told.ndjson") }, token: "secret" });
  const origin = await createTestDatabase();
  const home = join(folder, "origin");
  mkdirSync(home);
  writeFiles(home);
  const shell = (line: string, cwd: string, url: string, until = 0) =>
    runProgram("bash", ["-euo", "pipefail", "-c", line], {
      cwd,
      env: {
        PATH: `${join(cwd, "bin")}:${process.env.PATH}`,
        HOME: cwd,
        ADSAPP_HOME: join(cwd, "home"),
        DATABASE_URL: url,
        ADSAPP_WHATSAPP_API_URL: simulator.url,
        WHATSAPP_TOKEN: "secret",
        TZ: "UTC",
        UNTIL: until === 0 ? "" : `${until}`,
      },
    });
  const made = await shell(MAKE, home, origin.url);
  if (made.exitCode !== 0) throw new Error(`the world of the examples: ${made.stderr}`);
  const names = await addWhatExamplesName(origin.url);
  let copies = 0;
  return {
    async run(line, given = {}) {
      const database = given.isEmpty === true ? await createTestDatabase() : await copyTestDatabase(origin);
      const cwd = join(folder, `copy-${++copies}`);
      cpSync(home, cwd, { recursive: true, verbatimSymlinks: true });
      try {
        const ids = Object.entries(names).reduce(
          (text, [example, real]) => text.replaceAll(example, real),
          line,
        );
        return await shell(
          ids.replaceAll("DATABASE_URL=postgresql://app@db/adsapp", `DATABASE_URL=${database.url}`),
          cwd,
          database.url,
          given.until,
        );
      } finally {
        await database.drop();
        rmSync(cwd, { recursive: true, force: true });
      }
    },
    async end() {
      await simulator.close();
      await origin.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A broadcast with failed and unknown messages, and the ids that stand for those of the examples. */
async function addWhatExamplesName(url: string): Promise<Record<string, string>> {
  const database = new Database({ url });
  database.setNowOffset(`${(new Date(NOW).getTime() - Date.now()) / 1000} seconds`);
  const find = async (sql: string) => {
    const row = await database.transaction(worker, (tx) => tx.one<{ id: string }>(sql));
    return row?.id ?? "";
  };
  const organization = { id: await find("select id from organizations") };
  const campaign = await makeCampaign(database, organization, { name: "Winter" });
  const jobs = await makeJobs(database, await makeRun(database, campaign), {
    read: 2,
    failed: 2,
    unknown: 2,
  });
  const ids = {
    "5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11": jobs.find(({ status }) => status === "unknown")?.id ?? "",
    "wamid.HBgLMzE2MTIzNDU2NzgVAgARGBI": await find(
      "select provider_message_id as id from messages where direction = 'outbound' limit 1",
    ),
    "7d0f3c1e-8a52-4a4e-9f0e-2f1c9b0f6a11": await find("select id from contact_imports"),
    "4f1c0b52-8a0f-4d1b-9a55-0c6a3d0f9d11": await find("select id from conversations"),
    "wamid.HBgLMzE2MTIzNDU2NzgVAgAS": "wamid.IN.1",
  };
  await database.close();
  return ids;
}
