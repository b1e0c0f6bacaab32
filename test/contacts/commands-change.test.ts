import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listed, openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.end());

interface Changed {
  selected: number;
  changed: number;
  unknown: string[];
}

const show = (phone: string) => shop.json<Listed & Record<string, unknown>>(0, "contact", "show", phone);

describe("contact tag and untag", () => {
  it("change whom they name, once", async () => {
    const args = ["vip", "06 10000001", "+31610000002", shop.mine[2]?.id as string];
    expect(await shop.json<Changed>(0, "contact", "tag", ...args)).toEqual({
      selected: 3,
      changed: 3,
      unknown: [],
    });
    expect(await shop.json<Changed>(0, "contact", "tag", ...args)).toMatchObject({ selected: 3, changed: 0 });
    expect((await show("0610000002")).tags).toEqual(["even", "vip"]);
    expect(await shop.json<Changed>(0, "contact", "untag", ...args)).toMatchObject({ changed: 3 });
    expect((await show("0610000002")).tags).toEqual(["even"]);
  });

  it("take a tag or a list for whom", async () => {
    expect(await shop.json(0, "contact", "tag", "twee", "--with-tag", "even")).toMatchObject({ changed: 5 });
    await shop.json(0, "list", "add", "klanten", "0610000001");
    expect(await shop.json(0, "contact", "tag", "twee", "--on-list", "klanten")).toMatchObject({
      changed: 1,
    });
    expect(await shop.json(0, "contact", "untag", "twee", "--with-tag", "twee")).toMatchObject({
      changed: 6,
    });
    await shop.json(0, "list", "remove", "klanten", "0610000001");
  });

  it("take a file of phones, and filters that must all hold", async () => {
    const path = shop.write("\ufeff06 10000001\r\n\r\n+31610000004\n0699999999\n", "telefoons.txt");
    const args = ["contact", "tag", "drie", "--file", path];
    expect(await shop.json(3, ...args)).toEqual({ selected: 2, changed: 2, unknown: ["0699999999"] });
    const narrowed = ["--with-tag", "drie", "--search", "piet 4", "--country", "NL"];
    expect(await shop.json(0, "contact", "untag", "drie", ...narrowed)).toMatchObject({
      selected: 1,
      changed: 1,
    });
    expect((await show("0610000004")).tags).toEqual(["even"]);
    expect(await shop.json(0, "contact", "untag", "drie", "--created-before", "2026-01-02")).toMatchObject({
      changed: 1,
    });
    for (const [code, ...given] of [
      [4, "--search", "niemand"],
      [2, "--created-before", "gisteren"],
      [2, "--country", "XX"],
      [2, "--file", "/nonexistent"],
    ] as const)
      expect([given, (await shop.adsapp("contact", "tag", "x", ...given)).exitCode]).toEqual([given, code]);
  });

  it("end with 3 when some words name nobody, with 4 when all do", async () => {
    const theirs = shop.theirs[0]?.id as string;
    const part = await shop.json<Changed>(3, "contact", "tag", "x", "0610000001", "0699", theirs);
    expect(part).toEqual({ selected: 1, changed: 1, unknown: ["0699", theirs] });
    const none = await shop.adsapp("contact", "tag", "x", theirs);
    expect([none.exitCode, none.stdout, none.stderr]).toEqual([
      4,
      "",
      `error: contact "${theirs}" not found\n`,
    ]);
    await shop.json(0, "contact", "untag", "x", "--with-tag", "x");
  });

  it("end with 4 for a tag that nobody has, and a list that is not there or empty", async () => {
    const stderr = async (...args: string[]) => {
      const ran = await shop.adsapp("contact", "tag", "x", ...args);
      expect([args, ran.exitCode, ran.stdout]).toEqual([args, 4, ""]);
      return ran.stderr;
    };
    expect(await stderr("--with-tag", "theirs")).toBe('error: nobody has the tag "theirs"\n');
    expect(await stderr("--on-list", "klanten")).toBe('error: nobody is on the list "klanten"\n');
    expect(await stderr("--on-list", "klante")).toBe(
      'error: list "klante" not found\nDid you mean "klanten"?\n',
    );
    expect(await stderr("--on-list", "hunne")).toBe('error: list "hunne" not found\n');
  });

  it("end with 2 without anyone to change, and for a tag that is none", async () => {
    for (const args of [["x"], [" ", "0610000001"], ["x".repeat(101), "0610000001"], []])
      expect([args, (await shop.adsapp("contact", "tag", ...args)).exitCode]).toEqual([args, 2]);
  });
});

describe("contact opt-out and opt-in", () => {
  it("write down when and on what evidence", async () => {
    const out = [
      "contact",
      "opt-out",
      "0610000001",
      "--source",
      "phone call",
      "--now",
      "2026-11-24T10:00:00Z",
    ];
    expect(await shop.json(0, ...out)).toEqual({ selected: 1, changed: 1, unknown: [] });
    const gone = await show("0610000001");
    expect(gone).toMatchObject({ optOutSource: "phone call", optedInAt: null });
    expect(gone.optedOutAt).toMatch(/^2026-11-24T10:00:/);
    expect(await shop.json(0, "contact", "opt-out", "0610000001")).toMatchObject({ changed: 0 });
    expect(await show("0610000001")).toMatchObject({
      optOutSource: "phone call",
      optedOutAt: gone.optedOutAt,
    });
    const listed = await shop.json<Listed[]>(0, "contact", "list", "--opted-out");
    expect(listed.map(({ phone }) => phone)).toEqual(["+31610000001"]);

    expect(await shop.json(0, "contact", "opt-in", "0610000001", "--source", "letter")).toMatchObject({
      changed: 1,
    });
    expect(await show("0610000001")).toMatchObject({
      optedInAt: expect.any(String),
      optInSource: "letter",
      optedOutAt: null,
      optOutSource: null,
    });
  });

  it("leave a block as it is", async () => {
    await shop.query("update contacts set blocked_at = adsapp_now() where phone = '+31610000003'");
    await shop.json(0, "contact", "opt-in", "0610000003");
    expect((await show("0610000003")).blockedAt).not.toBeNull();
  });

  it("end with 3 and 4 for words that name nobody, with 2 without any", async () => {
    expect(await shop.json(3, "contact", "opt-out", "0610000004", "0699")).toMatchObject({ changed: 1 });
    expect((await shop.adsapp("contact", "opt-out", "0699")).exitCode).toBe(4);
    expect((await shop.adsapp("contact", "opt-in")).exitCode).toBe(2);
  });

  it("say in their help what they do, in lines", async () => {
    const { stdout, exitCode } = await shop.adsapp("contact", "opt-out", "--help");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\\n");
  });
});

it("a viewer changes nothing and is told so, with 5", async () => {
  const before = await shop.everything();
  for (const args of [
    ["contact", "tag", "x", "0610000001"],
    ["contact", "untag", "even", "0610000002"],
    ["contact", "opt-out", "0610000005"],
    ["contact", "opt-in", "0610000006"],
    ["list", "create", "nieuw"],
    ["list", "add", "klanten", "0610000001"],
  ]) {
    const ran = await shop.adsapp(...args, "--as", "viewer@jansen");
    expect([args, ran.exitCode, ran.stdout]).toEqual([args, 5, ""]);
  }
  expect(await shop.everything()).toEqual(before);
});
