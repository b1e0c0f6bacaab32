import { describe, expect, it } from "vitest";
import { shown } from "../../src/cli/output/cells.ts";
import { titleOf } from "../../src/cli/output/columns.ts";
import { leftOut, linesOf, type TableOptions, tableOf } from "../../src/cli/output/table.ts";
import { duration, localTime } from "../../src/cli/output/times.ts";
import { cut, widthOf } from "../../src/cli/output/width.ts";

const plain: TableOptions = { color: false, timeZone: "UTC", width: undefined };

describe("a table", () => {
  it("sets numbers to the right, by their column or by their first value", () => {
    const rows = [
      { name: "Sale", sent: null, rate: 97.5, note: 1 },
      { name: "Newsletter", sent: 12, rate: null, note: 10 },
    ];
    const table = tableOf(
      rows,
      [{ key: "name" }, { key: "sent" }, { key: "rate", as: "percent" }, { key: "note", align: "left" }],
      plain,
    );
    expect(table.split("\n")).toEqual([
      "Name        Sent    Rate  Note",
      "Sale           –  97.5 %  1",
      "Newsletter    12       –  10",
    ]);
  });

  it("leaves out what is only for data formats", () => {
    const table = tableOf([{ id: "1", name: "Sale" }], [{ key: "id", table: false }, { key: "name" }], plain);
    expect(table).toBe("Name\nSale");
  });

  it("has no escape sequence without colour, and bold headers with it", () => {
    expect(tableOf([{ name: "Sale" }], [{ key: "name" }], plain)).not.toContain("\u001b");
    const bright = tableOf([{ name: "Sale" }], [{ key: "name" }], { ...plain, color: true });
    expect(bright).toBe("\u001b[1mName\u001b[22m\nSale");
  });

  it("cuts long text to the width of a terminal, but no number, time or phone", () => {
    const row = {
      name: "A very long name of a campaign",
      why: "because it waits for somebody to do something",
      phone: "+31612345678",
      at: new Date("2026-11-27T09:00:00Z"),
      sent: 1_234_567,
    };
    const columns = [
      { key: "name" },
      { key: "why" },
      { key: "phone", as: "phone" },
      { key: "at", as: "time" },
      { key: "sent" },
    ] as const;
    const lines = tableOf([row], columns, { ...plain, width: 75 }).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(75);
    expect(lines[1]).toBe("A very long na…  because it wai…  +31612345678  2026-11-27 09:00  1 234 567");
    expect(tableOf([row], columns, plain)).toContain(row.why);
  });

  it("sets titles in several lines where that makes it fit, on the last of them", () => {
    const row = { name: "Sale", deliveryRate: 97.5, firstAnswer: 3 };
    const columns = [{ key: "name" }, { key: "deliveryRate" }, { key: "firstAnswer" }] as const;
    expect(tableOf([row], columns, { ...plain, width: 24 }).split("\n")).toEqual([
      "      Delivery   First",
      "Name      rate  answer",
      "Sale      97.5       3",
    ]);
    expect(tableOf([row], columns, plain).split("\n")[0]).toBe("Name  Delivery rate  First answer");
  });

  it("lets sentences go on below instead of cutting them, where the column says so", () => {
    const row = { code: "131026", advice: "Nothing to mend: clean the list" };
    const columns = [
      { key: "code", yields: 9 },
      { key: "advice", wraps: true },
    ] as const;
    expect(tableOf([row], columns, { ...plain, width: 34 }).split("\n")).toEqual([
      "Code    Advice",
      "131026  Nothing to mend: clean the",
      "        list",
    ]);
    expect(tableOf([row], columns, plain)).toContain(row.advice);
  });

  it("leaves out whole columns that yield, lower ones first, only where there is no room, and says which", () => {
    const row = { name: "Sale", sent: 1000, read: 700, replies: 12, bar: "█████" };
    const columns = [
      { key: "name" },
      { key: "sent" },
      { key: "read", yields: 2 },
      { key: "replies", yields: 1 },
      { key: "bar", title: "", yields: 0 },
    ] as const;
    const at = (width: number | undefined) => ({
      table: tableOf([row], columns, { ...plain, width }).split("\n")[1],
      gone: leftOut([row], columns, { ...plain, width }),
    });
    expect(at(undefined)).toEqual({ table: "Sale  1 000   700       12  █████", gone: [] });
    expect(at(33)).toEqual({ table: "Sale  1 000   700       12  █████", gone: [] });
    expect(at(32)).toEqual({ table: "Sale  1 000   700       12", gone: [] });
    expect(at(25)).toEqual({ table: "Sale  1 000   700", gone: ["Replies"] });
    expect(at(3)).toEqual({ table: "Sale  1 000", gone: ["Read", "Replies"] });
  });

  it("lets the widest column give way first", () => {
    const row = { short: "Anna Jansen", long: "x".repeat(100) };
    const table = tableOf([row], [{ key: "short" }, { key: "long" }], { ...plain, width: 40 });
    expect(table.split("\n")[1]).toBe(`Anna Jansen  ${"x".repeat(26)}…`);
  });

  it("stays readable on a terminal that is too narrow for it", () => {
    const row = { one: "x".repeat(30), two: "y".repeat(30) };
    const table = tableOf([row], [{ key: "one" }, { key: "two" }], { ...plain, width: 5 });
    expect(table.split("\n")[1]).toBe("xxxxxxx…  yyyyyyy…");
  });

  it("keeps its columns through thousands of rows", () => {
    const rows = Array.from({ length: 1001 }, (_, at) => ({
      name: at === 1000 ? "the longest name" : "x",
      at,
    }));
    const lines = tableOf(rows, [{ key: "name" }, { key: "at", align: "right" }], plain).split("\n");
    expect(lines).toHaveLength(1002);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set(["the longest name  1 000".length]));
  });

  it("loses nothing of names in any script off a terminal", () => {
    const names = [
      "José",
      "Jose\u0301",
      "王小明",
      "김철수",
      "สมชาย",
      "देवनागरी",
      "محمد",
      "👍🏽 ok",
      "❤️ hart",
      "🇳🇱",
      "ｆｕｌｌ",
    ];
    for (const name of names) {
      expect(tableOf([{ name, after: "|" }], [{ key: "name" }, { key: "after" }], plain)).toContain(name);
    }
  });

  it("shows what hides in a name, on the row's own line", () => {
    const name = "Eve\u001b]0;x\u0007\r\n\t\u202e\u200b\u{e0041}";
    const table = tableOf([{ name }], [{ key: "name" }], plain);
    expect(table).toBe("Name\nEve\\x1b]0;x\\x07\\r\\n\\t\\u202e\\u200b\\u{e0041}");
  });
});

describe("lines of one thing", () => {
  it("are never cut, and have dim titles in colour", () => {
    const text = "x".repeat(200);
    expect(linesOf({ text }, [{ key: "text" }], { ...plain, width: 40 })).toBe(`Text  ${text}`);
    const bright = linesOf({ text: "x" }, [{ key: "text" }], { ...plain, color: true });
    expect(bright).toBe("\u001b[2mText\u001b[22m  x");
  });
});

describe("a cell", () => {
  it.each([
    [null, undefined, "–"],
    ["", undefined, "–"],
    [[], "list", "–"],
    [{}, undefined, "–"],
    [Number.NaN, "percent", "–"],
    [0, undefined, "0"],
    [-1234.567, undefined, "-1 234.57"],
    ["12345", "number", "12 345"],
    ["many", "number", "many"],
    [106540352242922, "text", "106540352242922"],
    [97.5, "percent", "97.5 %"],
    [true, undefined, "yes"],
    [["a", "b\u0000"], "list", "a, b\\x00"],
    [{ read: 2, "\u200bx": null }, undefined, "read 2, \\u200bx –"],
    [new Date("2026-11-27T23:30:00Z"), "time", "2026-11-28 00:30"],
    [new Date("2026-11-27T23:30:00Z"), "date", "2026-11-28"],
    [new Date(Number.NaN), "time", "–"],
    ["2026-11-27T23:30:00+00:00", "time", "2026-11-28 00:30"],
    ["2026-11-27", "date", "2026-11-27"],
    [12_300, "duration", "12.3 s"],
  ] as const)("shows %j as %s: %s", (value, as, text) => {
    expect(shown(value, as, "Europe/Amsterdam")).toBe(text);
  });

  it("takes its title from the key", () => {
    expect(titleOf({ key: "messagesSent" })).toBe("Messages sent");
    expect(titleOf({ key: "url", title: "URL" })).toBe("URL");
  });
});

describe("times", () => {
  it("are local on both sides of a change of clocks, and midnight is 00", () => {
    expect(localTime(new Date("2026-10-25T00:30:00Z"), "Europe/Amsterdam", false)).toBe("2026-10-25 02:30");
    expect(localTime(new Date("2026-10-25T01:30:00Z"), "Europe/Amsterdam", false)).toBe("2026-10-25 02:30");
    expect(localTime(new Date("2026-12-31T23:00:00Z"), "Europe/Amsterdam", false)).toBe("2027-01-01 00:00");
  });

  it("are told somehow when TZ holds what is no time zone", () => {
    expect(localTime(new Date("2026-11-27T09:00:00Z"), "Mars/Olympus", false)).toMatch(
      /^2026-11-2\d \d\d:\d\d$/,
    );
  });

  it.each([
    [0, "0 ms"],
    [999.6, "1.0 s"],
    [119_999, "2 min"],
    [7_500_000, "2 h 5 min"],
    [200_000_000, "2 d 8 h"],
  ])("take %d ms as %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe("the width of text", () => {
  it("counts what a terminal draws", () => {
    expect(["abc", "é", "e\u0301", "王", "👍🏽", "🇳🇱", "–"].map(widthOf)).toEqual([3, 1, 1, 2, 2, 2, 1]);
  });

  it("is never cut within a character", () => {
    expect(cut("王小明", 4)).toBe("王…");
    expect(cut("ab👍🏽cd", 4)).toBe("ab…");
    expect(cut("ab👍🏽cd", 5)).toBe("ab👍🏽…");
    expect(cut("abcd", 4)).toBe("abcd");
  });
});
