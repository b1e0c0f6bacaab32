import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOutput, type Output } from "../../src/cli/output/index.ts";
import { makeOrganization, makeSender } from "../support/factories.ts";
import { makeWorld, type World } from "./world.ts";

/** What is told, as a collector of logs reads it: each line by itself. */
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, string>);

function told(tell: (out: Output) => void): Record<string, string>[] {
  let text = "";
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const logFormat = "json";
  tell(
    createOutput({
      stdout: stderr,
      stderr,
      format: "table",
      color: true,
      timeZone: "",
      quiet: false,
      verbose: true,
      logFormat,
    }),
  );
  return linesOf(text);
}

describe("--log-format json", () => {
  it("writes one object a line with its level, whatever the text holds", () => {
    const lines = told((out) => {
      out.say("12 contacts\nwere imported");
      out.warn('sender "main"');
      out.detail("more");
      out.fail("it failed", "Try again.");
    });
    expect(lines.map(({ time, ...line }) => line)).toEqual([
      { level: "info", message: "12 contacts\nwere imported" },
      { level: "warning", message: 'sender "main"' },
      { level: "debug", message: "more" },
      { level: "error", message: "it failed", hint: "Try again." },
    ]);
    for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("masks secrets and phones in all of it", () => {
    const [line] = told((out) =>
      out.fail("postgresql://app:geheim@db/x refused +31612345678", "Bearer EAAabcdefghijklmnopqrstuv"),
    );
    expect(line).toMatchObject({
      message: "postgresql://app:***@db/x refused +3161•••••78",
      hint: "Bearer ***",
    });
  });
});

describe("talk for people", () => {
  const said = (isTTY: boolean) => {
    let text = "";
    const stderr = Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          text += String(chunk);
          done();
        },
      }),
      { isTTY },
    );
    const out = createOutput({
      stdout: stderr,
      stderr,
      format: "table",
      color: false,
      timeZone: "",
      quiet: false,
      verbose: true,
    });
    out.say("tagged +31612345678");
    out.warn('sender "main" is halted: +31612345678 and Bearer EAAabc');
    out.detail("postgresql://app:geheim@db/x");
    return text;
  };

  it("off a terminal is a log: secrets and phones are masked in it", () => {
    expect(said(false)).toBe(
      'tagged +3161•••••78\nwarning: sender "main" is halted: +3161•••••78 and Bearer ***\npostgresql://app:***@db/x\n',
    );
  });

  it("on a terminal is said as it is", () => {
    expect(said(true)).toMatch(/^tagged \+31612345678\n/);
  });
});

describe("adsapp --log-format json", () => {
  let w: World;

  beforeAll(async () => {
    w = await makeWorld();
    await makeSender(w.database, await makeOrganization(w.database, { slug: "jansen" }));
  });

  afterAll(() => w.end());

  it("leaves data on stdout as it is, and tells errors of every kind as lines", async () => {
    const listed = await w.adsapp("sender list --log-format json --format json");
    expect(JSON.parse(listed.stdout)).toHaveLength(1);
    const missing = await w.adsapp("--log-format json campaign show Lente");
    expect(missing).toMatchObject({ stdout: "", exitCode: 4 });
    expect(linesOf(missing.stderr)[0]).toMatchObject({ level: "error" });
    const unknown = await w.adsapp("campaign shwo --log-format=json");
    expect(unknown.exitCode).toBe(2);
    expect(linesOf(unknown.stderr)[0]?.message).toMatch(/shwo/);
  });
});
