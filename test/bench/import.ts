import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { packageRoot } from "../../src/root.ts";
import { makeOrganization } from "../support/factories.ts";
import { type Bench, type Figure, median, timed } from "./measure.ts";
import type { Place } from "./place.ts";
import { runProgram, serverCpuSeconds } from "./processes.ts";

const PEOPLE = Number(process.env.ADSAPP_BENCH_PEOPLE ?? 1_000_000);
const ROUNDS = Number(process.env.ADSAPP_BENCH_ROUNDS ?? 1);
const LARGEST_MB = 200;

interface Measured {
  seconds: number;
  /** of client and PostgreSQL together */
  cpu: number;
  peakMemoryMb: number;
}

/**
 * `contact import` against COPY and an upsert of rows that are in order already: new people, then the same ones with other names.
 * The shares are of CPU, which a machine with other work tells well.
 */
export const importing: Bench = async (place) => {
  const files = { csv: [] as string[], copy: [] as string[] };
  for (const name of ["eerst", "later"]) {
    files.csv.push(await write(join(place.home, `${name}.csv`), csvLines(name)));
    files.copy.push(await write(join(place.home, `${name}.copy`), copyLines(name)));
  }
  const bare: Measured[][] = [];
  const adsapp: Measured[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measure(place, files.copy, (file) => [CANDIDATE, file]));
    adsapp.push(await measure(place, files.csv, (file) => [ADSAPP, "contact", "import", file, "--quiet"]));
  }
  const of = (runs: Measured[][], at: number, what: keyof Measured) =>
    median(runs.map((run) => (run[at] as Measured)[what]));
  const rate = (runs: Measured[][], at: number): Figure["value"] => PEOPLE / of(runs, at, "seconds");
  const share = (at: number) => of(bare, at, "cpu") / of(adsapp, at, "cpu");
  return [
    { what: `bare COPY and upsert of ${PEOPLE} new people`, value: rate(bare, 0), unit: "rows/s" },
    { what: "… of the same, all changed", value: rate(bare, 1), unit: "rows/s" },
    { what: `contact import of ${PEOPLE} new people`, value: rate(adsapp, 0), unit: "rows/s" },
    { what: "… of the same, all changed", value: rate(adsapp, 1), unit: "rows/s" },
    {
      what: "share of the bare one, new people",
      value: share(0),
      unit: "",
      wanted: "at least 0.45, aim 0.65",
    },
    { what: "share of the bare one, all changed", value: share(1), unit: "" },
    {
      what: "changed against new people",
      value: of(adsapp, 0, "cpu") / of(adsapp, 1, "cpu"),
      unit: "",
      wanted: "at least 0.5",
    },
    {
      what: "peak memory of the import",
      value: Math.max(of(adsapp, 0, "peakMemoryMb"), of(adsapp, 1, "peakMemoryMb")),
      unit: "MB",
      wanted: `at most ${LARGEST_MB}`,
    },
  ];
};

const ADSAPP = join(packageRoot(), "bin", "adsapp.js");
const CANDIDATE = join(packageRoot(), "test/bench/candidates/bare-copy.mjs");

/** Both files, one after the other, into a database of its own. */
async function measure(
  { newDatabase, postmaster, home }: Place,
  files: readonly string[],
  words: (file: string) => string[],
): Promise<Measured[]> {
  const { database, url, sql, drop } = await newDatabase();
  const { id, slug } = await makeOrganization(database);
  const env = { DATABASE_URL: url, ADSAPP_HOME: home, ADSAPP_ORG: slug, ORGANIZATION: id };
  const measured: Measured[] = [];
  for (const file of files) {
    const before = serverCpuSeconds(postmaster);
    let run = { cpuSeconds: 0, peakMemoryMb: 0 };
    const ms = await timed(async () => {
      run = await runProgram(words(file), env);
    });
    const cpu = run.cpuSeconds + serverCpuSeconds(postmaster) - before;
    measured.push({ seconds: ms / 1000, cpu, peakMemoryMb: run.peakMemoryMb });
    if (process.env.ADSAPP_BENCH_VERBOSE !== undefined)
      console.log(
        `    ${words(file)[1]}: ${cpu.toFixed(1)} s of CPU, ${run.cpuSeconds.toFixed(1)} of it the client's`,
      );
  }
  const [counted] = await sql<{ people: number; changed: number }>(
    "select count(*) as people, count(*) filter (where first_name like '%later') as changed from contacts",
  );
  if (counted?.people !== PEOPLE || counted.changed !== PEOPLE)
    throw new Error(`${counted?.people} people, ${counted?.changed} of them changed`);
  await drop();
  return measured;
}

async function write(path: string, lines: Iterable<string>): Promise<string> {
  await pipeline(lines, createWriteStream(path));
  return path;
}

const local = (n: number) => `061${String(n).padStart(7, "0")}`;

function* csvLines(name: string): Generator<string> {
  yield "Mobiel;Voornaam;Achternaam;E-mail;Woonplaats;Klant sinds\n";
  for (let n = 0; n < PEOPLE; n++)
    yield `${local(n)};Voornaam ${n} ${name};Achternaam ${n};naam${n}@example.com;Plaats ${n % 500};2024-05-01\n`;
}

function* copyLines(name: string): Generator<string> {
  for (let n = 0; n < PEOPLE; n++) {
    const attributes = JSON.stringify({ woonplaats: `Plaats ${n % 500}`, klant_sinds: "2024-05-01" });
    yield `+31${local(n).slice(1)}\tVoornaam ${n} ${name}\tAchternaam ${n}\tnaam${n}@example.com\t${attributes}\n`;
  }
}
