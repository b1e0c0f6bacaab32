import { afterAll, beforeAll, expect, it } from "vitest";
import { makeOrganization } from "../support/factories.ts";
import { type RunOptions, runAdsapp, runAdsappProcess } from "../support/program.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  await makeOrganization(w.database, { slug: "jansen" });
});

afterAll(() => w.end());

const PHONES = "phone\n0612345678\n0611111111\n";

/** Words, the exit code, and what is on stdin: none changes a thing, so that each can run twice. */
const RUNS: [string, number, string?][] = [
  ["org show jansen --json", 0],
  ["contact import - --country NL --dry-run --json", 0, PHONES],
  ["db reset --yes", 1],
  ["campaign strat", 2],
  ["campaign show Nowhere", 4],
  ["--as viewer@jansen org pause", 5],
  ["contact list --help", 0],
];

const given = (input?: string): RunOptions => ({
  databaseUrl: w.url,
  home: w.home,
  env: { ADSAPP_ORG: "jansen" },
  ...(input !== undefined && { input }),
});

it("a process of its own ends with the code and says the words that tests see in theirs, also of many at once", async () => {
  const inThis = await Promise.all(RUNS.map(([words, , input]) => runAdsapp(words.split(" "), given(input))));
  const inOwn = await Promise.all(
    RUNS.map(([words, , input]) => runAdsappProcess(words.split(" "), given(input))),
  );
  const timeless = (text: string) => text.replace(/"durationMs": *\d+/, "");
  for (const [i, [words, exitCode]] of RUNS.entries()) {
    const own = inOwn[i] as (typeof inOwn)[number];
    const here = inThis[i] as (typeof inThis)[number];
    expect({ words, exitCode: own.exitCode }).toEqual({ words, exitCode });
    expect({ ...own, stdout: timeless(own.stdout) }).toEqual({ ...here, stdout: timeless(here.stdout) });
  }
});

it("a process whose database is away ends with 75", async () => {
  const databaseUrl = "postgresql://adsapp@127.0.0.1:1/adsapp";
  for (const words of ["tick", "org list", "migrate status"]) {
    const ran = await runAdsappProcess(words.split(" "), { databaseUrl, home: w.home });
    expect({ words, exitCode: ran.exitCode }).toEqual({ words, exitCode: 75 });
  }
});
