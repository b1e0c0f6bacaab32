import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listed, openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.end());

describe("list create", () => {
  it("makes a list, once; --if-not-exists accepts one", async () => {
    const args = ["list", "create", "beurs", "--description", "Stand in Utrecht"];
    const made = await shop.json<{ id: string }>(0, ...args);
    expect(made).toMatchObject({ name: "beurs", description: "Stand in Utrecht", members: 0 });
    const again = await shop.adsapp(...args);
    expect([again.exitCode, again.stdout]).toEqual([1, ""]);
    expect(again.stderr).toContain('a list "beurs" exists');
    expect((await shop.json<{ id: string }>(0, ...args, "--if-not-exists")).id).toBe(made.id);
  });

  it("takes the space around a name off, and another organization's names are free", async () => {
    expect(await shop.json(0, "list", "create", " hunne ")).toMatchObject({ name: "hunne", members: 0 });
  });

  it.each([[""], ["  "], ["x".repeat(201)]])("refuses the name '%s'", async (name) => {
    expect((await shop.adsapp("list", "create", name)).exitCode).toBe(2);
  });
});

describe("list add, show and remove", () => {
  it("put people on a list and take them off, by phone, id and tag", async () => {
    const [first] = shop.mine;
    expect(await shop.json(0, "list", "add", "klanten", "06-10000001", "--with-tag", "even")).toEqual({
      selected: 6,
      changed: 6,
      unknown: [],
    });
    expect(await shop.json(0, "list", "add", "klanten", first?.id as string)).toMatchObject({ changed: 0 });
    const shown = await shop.json<{ contacts: Listed[] }>(0, "list", "show", "klanten", "--limit", "2");
    expect(shown).toMatchObject({ name: "klanten", members: 6 });
    expect(shown.contacts.map(({ firstName }) => firstName)).toEqual(["Piet 1", "Piet 2"]);
    const listed = await shop.json<Listed[]>(0, "contact", "list", "--list", "klanten");
    expect(listed.map(({ firstName }) => firstName)).toEqual([1, 2, 4, 6, 8, 10].map((n) => `Piet ${n}`));
    const table = await shop.adsapp("list", "show", "klanten");
    expect(table.stdout).toContain("+31610000010");
    expect(await shop.json(0, "list", "remove", "klanten", "--with-tag", "even")).toMatchObject({
      changed: 5,
    });
    expect(await shop.json(0, "list", "show", "klanten")).toMatchObject({ members: 1 });
  });

  it("end with 3 when some words name nobody", async () => {
    const theirs = shop.theirs[0]?.phone.replace("1000000", "1999999") as string;
    expect(await shop.json(3, "list", "add", "klanten", "0610000003", theirs)).toMatchObject({
      changed: 1,
      unknown: [theirs],
    });
  });

  it("do not know a list that is not there, and name a near one; nor another organization's, by name or id", async () => {
    const [theirs] = await shop.query<{ id: string }>(
      "select id from contact_lists where organization_id = $1",
      [shop.pietersen.id],
    );
    for (const verb of [["add"], ["remove"], ["show"]].flat()) {
      const whom = verb === "show" ? [] : ["0610000001"];
      const near = await shop.adsapp("list", verb, "klanen", ...whom);
      expect([near.exitCode, near.stderr]).toEqual([
        4,
        'error: list "klanen" not found\nDid you mean "klanten"?\n',
      ]);
      expect((await shop.adsapp("list", verb, theirs?.id as string, ...whom)).exitCode).toBe(4);
    }
  });

  it("refuse a --limit that is none", async () => {
    for (const limit of ["0", "few", "2.5"])
      expect([limit, (await shop.adsapp("list", "show", "klanten", "--limit", limit)).exitCode]).toEqual([
        limit,
        2,
      ]);
  });
});

describe("list list", () => {
  it("gives the organization's lists by name, in each format", async () => {
    const lists = await shop.json<{ name: string; members: number }[]>(0, "list", "list");
    expect(lists.map(({ name }) => name)).toEqual(["beurs", "hunne", "klanten"]);
    expect(Object.keys(lists[0] ?? {})).toEqual([
      "id",
      "name",
      "description",
      "members",
      "filter",
      "createdAt",
    ]);
    const csv = await shop.adsapp("list", "list", "--format", "csv");
    expect((parse(csv.stdout, { columns: true }) as { name: string }[]).map(({ name }) => name)).toEqual([
      "beurs",
      "hunne",
      "klanten",
    ]);
    const table = await shop.adsapp("list", "list");
    expect([csv.exitCode, table.exitCode]).toEqual([0, 0]);
    expect(table.stdout).toContain("Stand in Utrecht");
  });

  it("says on stderr that there is none yet", async () => {
    await shop.query("insert into organizations (name, slug) values ('Leeg', 'leeg')");
    const [{ id }] = (await shop.query("select id from organizations where slug = 'leeg'")) as [
      { id: string },
    ];
    await shop.query(
      "insert into profiles (organization_id, full_name, email, role) values ($1, 'Command line', 'cli@leeg', 'admin')",
      [id],
    );
    const ran = await shop.adsapp("list", "list", "--org", "leeg");
    expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([0, "", "No lists yet.\n"]);
  });
});

describe("a dynamic list", () => {
  it("is made by a filter, shown with whoever meets it now, and takes nobody by hand", async () => {
    const made = await shop.json(0, "list", "create", "even", "--filter", '{"tag":"even"}');
    expect(made).toMatchObject({ name: "even", filter: { tag: "even" }, members: null });
    expect(await shop.json(0, "list", "show", "even", "--limit", "1")).toMatchObject({
      members: 5,
      contacts: [{ firstName: "Piet 2" }],
    });
    const added = await shop.adsapp("list", "add", "even", "--with-tag", "even");
    expect([added.exitCode, added.stdout]).toEqual([1, ""]);
    expect(added.stderr).toContain('"even" is a dynamic list');
    const table = await shop.adsapp("list", "show", "even");
    expect(table.stdout).toMatch(/Filter +tag even/);
  });

  it("is not made by a filter that cannot be read", async () => {
    const refused = await shop.adsapp("list", "create", "odd", "--filter", '{"tagg":"odd"}');
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("did you mean tag?");
    expect((await shop.adsapp("list", "show", "odd")).exitCode).toBe(4);
  });
});
