import { request } from "node:http";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readContactsCsv } from "../../src/contacts/csv/read.ts";
import { linesOf } from "../../src/files/lines.ts";
import { openSource } from "../../src/files/source.ts";
import { serve } from "../../src/http/serve.ts";
import { ingestFiles } from "../../src/webhooks/ingest.ts";
import { makeDoors } from "./changes.ts";

const MEGABYTE = 1024 * 1024;
const SIZE = 64;
const CHUNK = 128 * 1024;
/** megabytes: what a door may hold of a file or a body, however large */
const MOST = 48;

let doors: Awaited<ReturnType<typeof makeDoors>>;

beforeAll(async () => {
  setFlagsFromString("--expose-gc");
  doors = await makeDoors();
});

afterAll(() => doors.end());

function memoryInUse(): number {
  runInNewContext("gc")();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MEGABYTE;
}

/** What is in use at most while `work` runs, beside what was before: looked at again and again. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const before = memoryInUse();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, memoryInUse());
  }, 500);
  try {
    await work();
  } finally {
    clearInterval(look);
  }
  return Math.max(most, memoryInUse()) - before;
}

async function readAll(file: Readable): Promise<void> {
  const { batches } = await readContactsCsv(file, { country: "NL" });
  for await (const batch of batches) expect(batch.length).toBeGreaterThan(0);
}

/** 64 MB: a beginning, and then the same again and again. */
function* endless(beginning: string, rest: string): Generator<Buffer> {
  yield Buffer.from(beginning);
  const chunk = Buffer.from(rest.repeat(Math.ceil(CHUNK / rest.length)));
  for (let n = 0; n < (SIZE * MEGABYTE) / chunk.length; n++) yield chunk;
}

describe(`a file of ${SIZE} MB costs no more than ${MOST} MB of memory`, () => {
  it("of events without an end of a line", async () => {
    const lines: unknown[] = [];
    const growth = await growthOf(async () => {
      const source = await openSource(Readable.from(endless('{"event":"', "x")));
      for await (const line of linesOf(source, MEGABYTE)) lines.push(line);
      source.close();
    });
    expect(lines).toEqual([{ line: 1, bytes: undefined }]);
    expect(growth).toBeLessThan(MOST);
  });

  it("of webhook bodies without an end of a line: refused, and nothing is stored", async () => {
    const growth = await growthOf(() =>
      expect(
        ingestFiles(doors.database, ["-"], Readable.from(endless('{"object":"', "x"))),
      ).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/:1: larger than any webhook body/),
      }),
    );
    expect(growth).toBeLessThan(MOST);
  });

  it.each([
    ["a quote that nobody closes", 'phone;naam\n0612345678;"', "x"],
    ["a quote that nobody closes, over lines", 'phone;naam\n0612345678;"', `${"x".repeat(500)}\n`],
    ["a line without an end", "phone;naam\n", "x"],
    ["a header without an end", "phone;", "naam;"],
    ["more columns than a person has", "phone\n0612345678", ";x"],
  ])("of contacts with %s", async (_what, beginning, rest) => {
    const growth = await growthOf(async () => {
      await readAll(Readable.from(endless(beginning, rest))).catch((error: unknown) => {
        expect(error).toMatchObject({ name: "UserError", exitCode: 2 });
      });
    });
    expect(growth).toBeLessThan(MOST);
  });
});

it(`a post of ${SIZE} MB is refused before it is read, in less than ${MOST} MB`, async () => {
  const server = await serve({ port: 0, largestBody: 4 * MEGABYTE }, ({ body }) => ({
    httpStatus: body === undefined ? 413 : 200,
    body: "",
  }));
  let answered: number | undefined;
  const growth = await growthOf(
    () =>
      new Promise<void>((resolve) => {
        const posting = request({ port: server.port, host: "127.0.0.1", method: "POST", path: "/webhook" });
        posting.on("response", (response) => {
          answered = response.statusCode;
          response.resume();
        });
        posting.on("error", () => resolve()); // the server hangs up on who goes on
        posting.on("close", () => resolve());
        Readable.from(endless('{"object":"', "x")).pipe(posting);
      }),
  );
  await server.close();
  expect([413, undefined]).toContain(answered);
  expect(growth).toBeLessThan(MOST);
});
