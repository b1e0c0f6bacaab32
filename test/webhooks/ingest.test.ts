import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { ingestFiles } from "../../src/webhooks/ingest.ts";
import type { TestJob } from "../support/factories.ts";
import { runAdsapp } from "../support/program.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;
let folder: string;

beforeAll(async () => {
  s = await setup();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "adsapp-ingest-"));
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await s.expectCleanAudit();
});

afterAll(() => s.end());

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As cron's user would: without --org, since a number names its tenant. */
const ingest = (files: readonly string[], input?: string) =>
  runAdsapp(["webhook", "ingest", ...files, "--format", "json"], {
    databaseUrl: s.url,
    home: folder,
    ...(input === undefined ? {} : { input }),
  });

const delivered = (job: TestJob) => bodyOf([{ id: `wamid.${job.messageId}`, status: "delivered", job }]);
const stored = async () => (await s.row<{ n: number }>("select count(*) as n from webhook_inbox")).n;
const TOO_LARGE = `{"a":"${"x".repeat(4 * 1024 * 1024)}"}`;

describe("adsapp webhook ingest", () => {
  it("stores the bodies of files, one a line, and applies them", async () => {
    const [one, two, three] = (await s.jobs({ sent: 3 })) as [TestJob, TestJob, TestJob];
    const first = file("a.ndjson", `\ufeff${delivered(one)}\r\n\r\n  \n${delivered(two)}\n`);
    const last = file("b.ndjson", delivered(three)); // no line end
    const { stdout, stderr, exitCode } = await ingest([first, last]);
    expect({ json: JSON.parse(stdout), stderr, exitCode }).toEqual({
      json: { bodies: 3, processed: 3 },
      stderr: "",
      exitCode: 0,
    });
    expect(await s.counters(one)).toMatchObject({ messagesDelivered: 3 });
    expect(await s.rows("select distinct source from webhook_inbox")).toEqual([{ source: "ingest" }]);
  });

  it("reads stdin as -, and changes nothing when it is repeated", async () => {
    const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
    for (const _time of [1, 2]) {
      const { stdout, exitCode } = await ingest(["-"], `${delivered(job)}\n`);
      expect({ json: JSON.parse(stdout), exitCode }).toEqual({
        json: { bodies: 1, processed: 1 },
        exitCode: 0,
      });
    }
    expect(await s.counters(job)).toMatchObject({ messagesDelivered: 1 });
  });

  it("reads what can be read only once, such as the output of zcat", async () => {
    const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
    const path = file("body.ndjson", `${delivered(job)}\n`);
    const bin = join(packageRoot(), "bin", "adsapp.js");
    const line = `"$NODE" "${bin}" webhook ingest <(cat "${path}") --json`;
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", line], {
      env: { PATH: process.env.PATH, NODE: process.execPath, DATABASE_URL: s.url, ADSAPP_HOME: folder },
    });
    expect(JSON.parse(stdout)).toEqual({ bodies: 1, processed: 1 });
    expect(await s.counters(job)).toMatchObject({ messagesDelivered: 1 });
  });

  it("takes a file that is one body over many lines, as an editor shows it", async () => {
    const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
    const pretty = JSON.stringify(JSON.parse(delivered(job)), null, 2);
    const { stdout } = await ingest([file("body.json", pretty)]);
    expect(JSON.parse(stdout)).toEqual({ bodies: 1, processed: 1 });
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
  });

  it("is done with no body at all", async () => {
    const { stdout, exitCode } = await ingest([file("empty.ndjson", "\n\n")]);
    expect({ json: JSON.parse(stdout), exitCode }).toEqual({
      json: { bodies: 0, processed: 0 },
      exitCode: 0,
    });
  });

  it("takes bodies that are no UTF-8 or hold NUL as they can be read", async () => {
    const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
    const odd = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0x00, 0xfe]), Buffer.from('"}\n')]);
    await ingest([file("odd.ndjson", Buffer.concat([odd, Buffer.from(delivered(job))]))]);
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
    expect(
      await s.row("select error from webhook_inbox where body like '{\"a\":%' and processed_at is null"),
    ).toEqual({
      error: expect.stringMatching(/"object" is not/),
    });
  });

  it.each([
    ["a file that does not exist", () => join(folder, "missing.ndjson"), /missing\.ndjson does not exist/],
    ["a folder", () => folder, /is a folder; name the files in it/],
    [
      "a line over 4 MB",
      () => file("large.ndjson", `{}\n${TOO_LARGE}\n`),
      /large\.ndjson:2: larger than any webhook body/,
    ],
  ])(
    "refuses %s with exit code 2 and stores nothing, also of the files before it",
    async (_what, path, said) => {
      const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
      const before = await stored();
      const { stdout, stderr, exitCode } = await ingest([file("good.ndjson", delivered(job)), path()]);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).toMatch(said);
      expect(await stored()).toBe(before);
      expect(await s.job(job)).toMatchObject({ status: "sent" });
    },
  );

  it("refuses a line over 4 MB of stdin too", async () => {
    const before = await stored();
    const { stderr, exitCode } = await ingest(["-"], `{}\n{}\n${TOO_LARGE}`);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/:3: larger than any webhook body \(4 MB\)/);
    expect(await stored()).toBe(before);
  });

  it("wants a file", async () => {
    expect(await ingest([])).toMatchObject({ stdout: "", exitCode: 2 });
  });
});

describe("ingestFiles", () => {
  it("takes a body as large as Meta's, whose line comes in many chunks", async () => {
    const [job] = (await s.jobs({ sent: 1 })) as [TestJob];
    const body = bodyOf([
      { id: `wamid.${job.messageId}`, status: "delivered", padding: "ë".repeat(1_500_000) },
    ]);
    const bytes = Buffer.from(`${body}\n{}`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_535) }, (_, i) =>
      bytes.subarray(i * 65_535, (i + 1) * 65_535),
    );
    expect(await ingestFiles(s.database, ["-"], Readable.from(chunks))).toEqual({ bodies: 2, processed: 2 });
    expect(await s.job(job)).toMatchObject({ status: "delivered" });
    expect(await s.rows("select from webhook_inbox where body = $1", [body])).toHaveLength(1);
  });

  it("stores batch by batch what is more than one statement holds", async () => {
    const line = `{"a":"${"x".repeat(1_000_000)}"}\n`;
    const before = await stored();
    expect(
      await ingestFiles(s.database, ["-"], Readable.from(Array.from({ length: 20 }, () => line))),
    ).toMatchObject({
      bodies: 20,
    });
    const many = Readable.from(["{}\n".repeat(450)]);
    expect(await ingestFiles(s.database, ["-"], many)).toEqual({ bodies: 450, processed: 450 });
    expect(await stored()).toBe(before + 470);
  });
});
