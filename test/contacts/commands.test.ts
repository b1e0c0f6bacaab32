import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listed, openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.end());

const names = (contacts: Listed[]) => contacts.map(({ firstName }) => firstName);

describe("contact list", () => {
  it("gives every contact of the organization in each format, phones unmasked", async () => {
    const listed = await shop.json<Listed[]>(0, "contact", "list");
    expect(listed.map(({ phone }) => phone)).toEqual(shop.mine.map(({ phone }) => phone));
    expect(Object.keys(listed[0] ?? {})).toEqual([
      ...[
        "id",
        "phone",
        "bsuid",
        "firstName",
        "lastName",
        "email",
        "language",
        "timezone",
        "tags",
        "lists",
        "attributes",
      ],
      ...[
        "optedInAt",
        "optInSource",
        "optedOutAt",
        "optOutSource",
        "blockedAt",
        "lastInboundAt",
        "createdAt",
      ],
    ]);
    const lines = await shop.adsapp("contact", "list", "--format", "ndjson");
    expect(
      lines.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(listed);
    const csv = await shop.adsapp("contact", "list", "--format", "csv");
    const rows = parse(csv.stdout, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ phone, first_name }) => [phone, first_name])).toEqual(
      listed.map(({ phone, firstName }) => [phone, firstName]),
    );
    const table = await shop.adsapp("contact", "list");
    expect(table.stdout).toContain("+31610000010");
    expect([lines.exitCode, csv.exitCode, table.exitCode]).toEqual([0, 0, 0]);
  });

  it("pages with --after: no contact twice, none left out", async () => {
    const seen: string[] = [];
    let after: string[] = [];
    for (let page = 0; page < 4; page++) {
      const rows = await shop.json<Listed[]>(0, "contact", "list", "--limit", "4", ...after);
      seen.push(...names(rows));
      after = ["--after", rows.at(-1)?.id ?? (after[1] as string)];
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => `Piet ${n + 1}`));
  });

  it("says how to get the next page, and takes a phone for it too", async () => {
    const { stderr } = await shop.adsapp("contact", "list", "--limit", "9");
    expect(stderr).toContain(`--after ${shop.mine[8]?.id}`);
    expect(names(await shop.json(0, "contact", "list", "--after", "06 10000009"))).toEqual(["Piet 10"]);
  });

  it("filters by tag, list and consent", async () => {
    expect(names(await shop.json(0, "contact", "list", "--tag", "even", "--limit", "2"))).toEqual([
      "Piet 2",
      "Piet 4",
    ]);
    expect(await shop.json(0, "contact", "list", "--list", "klanten")).toEqual([]);
    expect(await shop.json(0, "contact", "list", "--opted-out")).toEqual([]);
    const empty = await shop.adsapp("contact", "list", "--tag", "odd");
    expect([empty.exitCode, empty.stdout, empty.stderr]).toEqual([
      0,
      "",
      "No contacts. Import some: adsapp contact import FILE\n",
    ]);
  });

  it("does not know a list or a contact that is not there, nor another organization's", async () => {
    const near = await shop.adsapp("contact", "list", "--list", "klantne");
    expect([near.exitCode, near.stdout]).toEqual([4, ""]);
    expect(near.stderr).toBe('error: list "klantne" not found\nDid you mean "klanten"?\n');
    for (const args of [
      ["--list", "hunne"],
      ["--after", "nobody"],
      ["--after", shop.theirs[0]?.id as string],
    ])
      expect([args, (await shop.adsapp("contact", "list", ...args)).exitCode]).toEqual([args, 4]);
  });

  it.each(["0", "-1", "1.5", "many", "1e9"])("refuses --limit %s", async (limit) => {
    const ran = await shop.adsapp("contact", "list", `--limit=${limit}`);
    expect([ran.exitCode, ran.stdout]).toEqual([2, ""]);
  });
});

describe("contact show", () => {
  it("gives one contact by a phone in any spelling, or by id, in each format", async () => {
    const [first] = shop.mine;
    const byPhone = await shop.json<Listed>(0, "contact", "show", "06-1000 0001");
    expect(byPhone).toMatchObject({ id: first?.id, phone: "+31610000001", firstName: "Piet 1", history: [] });
    expect(await shop.json(0, "contact", "show", first?.id as string)).toEqual(byPhone);
    const csv = await shop.adsapp("contact", "show", "+31610000001", "--format", "csv");
    expect(parse(csv.stdout, { columns: true })).toMatchObject([{ id: first?.id, first_name: "Piet 1" }]);
    const table = await shop.adsapp("contact", "show", "+31610000001");
    expect(table.stdout).toContain("+31610000001");
    expect([csv.exitCode, table.exitCode]).toEqual([0, 0]);
  });

  it("answers the same for who does not exist and for who is another organization's", async () => {
    const id = shop.theirs[0]?.id as string;
    const random = "00000000-0000-4000-8000-000000000000";
    const [theirs, nobody] = [
      await shop.adsapp("contact", "show", id),
      await shop.adsapp("contact", "show", random),
    ];
    expect([theirs.exitCode, theirs.stdout]).toEqual([4, ""]);
    expect(theirs.stderr.replace(id, "")).toBe(nobody.stderr.replace(random, ""));
    expect((await shop.adsapp("contact", "show", "' or 1=1 --")).exitCode).toBe(4);
  });
});

describe("a name with escape sequences", () => {
  it("is made visible in tables and is valid in JSON", async () => {
    await shop.query("update contacts set first_name = $1 where id = $2", [
      "\u001b[31mrood\r\u202e",
      shop.mine[0]?.id,
    ]);
    const table = await shop.adsapp("contact", "list", "--limit", "1");
    for (const sign of ["\u001b", "\r", "\u202e"]) expect(table.stdout).not.toContain(sign);
    expect(names(await shop.json(0, "contact", "list", "--limit", "1"))).toEqual(["\u001b[31mrood\r\u202e"]);
    await shop.query("update contacts set first_name = 'Piet 1' where id = $1", [shop.mine[0]?.id]);
  });
});
