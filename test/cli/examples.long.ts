// Every example of every command, run as it is written, each in a copy of one small world; and the shape of what each command
// answers with --json, held against shapes.json (npx vitest run --project long -u test/cli/examples.long.ts writes it).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import type { Ran } from "../support/program.ts";
import { type ExampleWorld, makeExampleWorld } from "./example-world.ts";
import { type Shape, shapeOf } from "./shape.ts";

const loaded = await Promise.all(
  commands.map(async (entry) => ({ path: entry.path, spec: (await entry.load()).default })),
);

let world: ExampleWorld;

beforeAll(async () => {
  world = await makeExampleWorld();
});

afterAll(() => world.end());

interface Circumstances {
  /** what has to be done before the example makes sense */
  before?: string;
  /** begins with a migrated database that has nobody in it */
  isEmpty?: boolean;
  /** what the example ends with, where that is not 0 */
  exitCode?: number;
}

const ORGANIZATION =
  'adsapp org create "Bakkerij Jansen" --slug jansen --timezone Europe/Amsterdam --country NL';
const SENDER = "adsapp sender add main --provider log";
const START = 'adsapp campaign start "Black Friday Sale"';
const ACTIVATE = 'adsapp drip activate "Nieuwe Lead Opvolging"';
const SOURCE = 'adsapp source create "Poster in the shop" --type qr_code';

const STOP = 'adsapp db stop; ADSAPP_HOME="$PWD/rehearsal" adsapp db stop';
const BACKUPS = ["", ".tar.gz"].map((end) => `adsapp db backup backups/adsapp-2026-11-27${end}`).join("; ");
const COMPLETIONS = "~/.local/share/bash-completion/completions ~/.zsh/functions ~/.config/fish/completions";

/** By how an example begins; the first that fits. The others want nothing. */
const CIRCUMSTANCES: readonly (readonly [begins: RegExp, wants: Circumstances])[] = [
  [/^adsapp db (psql --|backup)/, { before: "adsapp migrate up" }],
  [/^(\S+=\S+ )?adsapp db restore/, { before: `adsapp migrate up; ${BACKUPS}` }],
  [/^adsapp db move --to/, { isEmpty: true, before: "adsapp migrate up" }],
  [/^adsapp db move/, { isEmpty: true, before: 'adsapp migrate up; adsapp db move --to "$TARGET"' }],
  [/^adsapp migrate export/, { before: "mkdir -p supabase shop/supabase" }],
  [/^adsapp (plan|apply) campaigns/, { before: "mkdir campaigns; cp black-friday.yaml lead.yaml campaigns" }],
  [/^adsapp doctor/, { exitCode: 1 }], // a database of tests is careless with its disk
  [/^adsapp completion/, { before: `mkdir -p ${COMPLETIONS}` }],
  [/^adsapp migrate down/, { isEmpty: true }],
  [/^adsapp org create/, { isEmpty: true }],
  [/^adsapp org resume/, { before: "adsapp org pause" }],
  [/^adsapp org token create/, { before: "adsapp org token revoke webshop" }],
  [/^adsapp (user|sender) add|^adsapp rule create/, { isEmpty: true, before: ORGANIZATION }],
  [/^adsapp sender resume/, { before: "adsapp webhook ingest disabled.json; adsapp tick --only inbox" }],
  [/^adsapp campaign create/, { before: 'adsapp campaign delete "Black Friday Sale"' }],
  [/^adsapp campaign (pause|cancel|retry)/, { before: START }],
  [/^adsapp campaign resume/, { before: `${START}; adsapp campaign pause "Black Friday Sale"` }],
  [/^adsapp drip create/, { isEmpty: true, before: `${ORGANIZATION}; ${SENDER}` }],
  [/^adsapp drip (pause|enroll|unenroll)/, { before: ACTIVATE }],
  [
    /^adsapp webhook replay \d/,
    { before: "adsapp webhook ingest strangers.ndjson; adsapp tick --only inbox", exitCode: 3 },
  ], // nobody has that number yet
  [/^adsapp webhook dismiss/, { before: "adsapp webhook ingest strangers.ndjson; adsapp tick --only inbox" }],
  [/^adsapp source (list|qr)/, { before: SOURCE }],
  [/^adsapp status --check/, { exitCode: 1 }], // there are messages that somebody has to settle
];

/** Run elsewhere, and why not here. */
const ELSEWHERE: Record<string, string> = {
  quickstart: "test/story/quickstart.long.ts: a database of its own, a minute",
  "migrate generate": "test/db/migrate-command.long.ts: it writes into migrations/",
};

/** Ends only when it is told to. */
const LASTING = /^(?:\S+=\S+ )*adsapp (simulator|webhook serve)|--watch/;

/** An example as this machine can run it: places that only an example has, and ports that may be taken. */
function here(example: string): string {
  return example
    .replace(/^\* \* \* \* \* /, "")
    .replace(/^psql /, "test -n ")
    .replace("/srv/adsapp", "srv")
    .replace("/srv/rehearsal", '"$PWD/rehearsal"')
    .replace("/backups/", "backups/")
    .replace(/postgresql:\/\/adsapp@db.example.com\S+/, '"$TARGET"')
    .replace("supabase db push", "test -d supabase/migrations")
    .replace("/var/lib/node_exporter/", "")
    .replace("replay 1017 1018", "replay 2 3")
    .replace("dismiss 1017 1018", "dismiss 2 3")
    .replace("dismiss 1017", "dismiss 2")
    .replace("0.0.0.0", "127.0.0.1")
    .replace(/--port \d+/, () => `--port ${20_000 + Math.floor(Math.random() * 12_000)}`);
}

/** Runs it as it stands there. @returns what it said and ended with, which is what was to be expected */
async function runExample(example: string): Promise<Ran> {
  const {
    before,
    isEmpty = false,
    exitCode = 0,
  } = CIRCUMSTANCES.find(([begins]) => begins.test(example))?.[1] ?? {};
  const line = here(example);
  const embedded = /adsapp db /.test(example)
    ? `mkdir -p backups; TARGET="$DATABASE_URL"; unset DATABASE_URL; trap '${STOP}' EXIT; `
    : "";
  const first = before === undefined ? "" : `{ ${before}; } > before.txt; `;
  const until = LASTING.test(line) ? 4 : 0;
  const ran = await world.run(`${embedded}${first}${line}`, { until, isEmpty });
  expect(ran.exitCode, `${example}\n${ran.stdout}\n${ran.stderr}`).toBe(exitCode);
  return ran;
}

const examples = loaded.filter(({ path }) => !(path in ELSEWHERE));

describe("the examples of", () => {
  it.concurrent.each(examples)("$path run as they stand there", async ({ spec }) => {
    for (const example of spec.examples) await runExample(example);
  });
});

/** Commands that answer with something else than data, or with none. */
const NO_DATA =
  /^(db (start|stop|psql|reset|url)|simulator|crontab|completion|migrate export|metrics|webhook serve|(campaign|drip|rule) export|schema)$/;

describe("what scripts rely on", () => {
  it("is the shape of each command's --json, as shapes.json has it", async () => {
    const shapes: Record<string, Shape> = {};
    const silent: string[] = [];
    const answering = examples.filter(({ path }) => !NO_DATA.test(path));
    const turn = async (): Promise<void> => {
      const next = answering.shift();
      if (next === undefined) return;
      const line = asJson(next.path, next.spec.examples);
      const { stdout } = await runExample(line);
      if (/^[[{]/.test(stdout)) shapes[next.path] = shapeOf(JSON.parse(stdout));
      else silent.push(line);
      return turn();
    };
    await Promise.all([turn(), turn(), turn(), turn()]);
    expect(silent, "commands that answer --json with no JSON").toEqual([]);
    const sorted = Object.fromEntries(Object.entries(shapes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    await expect(`${JSON.stringify(sorted, null, 2)}\n`).toMatchFileSnapshot("shapes.json");
  });
});

/** The command's own example with JSON, or else its first one with it. */
function asJson(path: string, examples: readonly string[]): string {
  const plain = (line: string) =>
    !/[|&]|format (csv|html)|--check/.test(line) && line.includes(`adsapp ${path}`);
  const fitting = examples.filter(plain);
  const [first = ""] = [...fitting.filter((line) => line.includes("--format json")), ...fitting];
  if (first === "") throw new Error(`no example of ${path} can be asked for JSON`);
  if (first.includes("--format json")) return first;
  return `${first.replace(/ +#.*$| --to (?!postgresql)\S+$/, "")} --json`;
}
