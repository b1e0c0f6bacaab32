import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.end());

const at = (name: string) => join(shop.folder, name);

describe("contact export", () => {
  it("writes a file that only its owner reads, as JSON or a fact a row", async () => {
    const first = await shop.adsapp("contact", "export", "0610000001", "--to", at("piet.json"));
    expect([first.exitCode, first.stdout]).toEqual([0, ""]);
    expect(statSync(at("piet.json")).mode & 0o777).toBe(0o600);
    const person = JSON.parse(readFileSync(at("piet.json"), "utf8"));
    expect(person.contact).toMatchObject([{ phone: "+31610000001", firstName: "Piet 1" }]);
    await shop.adsapp("contact", "export", "0610000002", "--to", at("piet.csv"), "--format", "csv");
    const facts = parse(readFileSync(at("piet.csv")), { columns: true });
    expect(facts).toContainEqual({ section: "contact", row: "1", field: "firstName", value: "Piet 2" });
    expect(facts).toContainEqual({ section: "tags", row: "1", field: "tag", value: "even" });
    expect(await shop.json(0, "contact", "export", "0610000001")).toEqual(person);
  });

  it("writes over no file without --force, and through no link at all", async () => {
    writeFileSync(at("mine.json"), "mine");
    symlinkSync(at("elsewhere"), at("link.json"));
    for (const args of [["mine.json"], ["link.json"], ["link.json", "--force"]]) {
      const [name = "", ...rest] = args;
      const ran = await shop.adsapp("contact", "export", "0610000001", "--to", at(name), ...rest);
      expect([args, ran.exitCode]).toEqual([args, 2]);
    }
    expect([readFileSync(at("mine.json"), "utf8"), existsSync(at("elsewhere"))]).toEqual(["mine", false]);
    const forced = await shop.adsapp("contact", "export", "0610000001", "--to", at("mine.json"), "--force");
    expect([forced.exitCode, readFileSync(at("mine.json"), "utf8").startsWith("{")]).toEqual([0, true]);
  });

  it("--all gives everyone, for an import to read", async () => {
    expect((await shop.adsapp("contact", "export", "--all", "--to", at("alle.csv"))).exitCode).toBe(0);
    expect(parse(readFileSync(at("alle.csv")), { columns: true })).toHaveLength(10);
    expect(await shop.json(0, "contact", "import", at("alle.csv"))).toMatchObject({
      rows: 10,
      unchanged: 10,
    });
    for (const args of [[], ["0610000001", "--all"], ["--all"]])
      expect([args, (await shop.adsapp("contact", "export", ...args)).exitCode]).toEqual([args, 2]);
  });

  it("and erase answer another organization's contact as nobody", async () => {
    for (const verb of ["export", "erase"]) {
      const ran = await shop.adsapp("contact", verb, shop.theirs[0]?.id as string, "--yes");
      expect([verb, ran.exitCode, ran.stdout]).toEqual([verb, 4, ""]);
    }
  });
});

describe("contact erase", () => {
  it("asks first: without a terminal it wants --yes", async () => {
    const ran = await shop.adsapp("contact", "erase", "0610000010");
    expect([ran.exitCode, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain("--yes");
    expect((await shop.adsapp("contact", "show", "0610000010")).exitCode).toBe(0);
  });

  it("forgets: the phone names nobody any more, and nobody lists them", async () => {
    const erased = await shop.json(0, "contact", "erase", "0610000010", "--yes");
    expect(erased).toMatchObject({ contactId: shop.mine[9]?.id, erasedAt: expect.any(String) });
    expect((await shop.adsapp("contact", "show", "0610000010")).exitCode).toBe(4);
    expect(await shop.json(0, "contact", "show", shop.mine[9]?.id as string)).toMatchObject({
      phone: null,
      firstName: null,
      tags: [],
    });
    expect(await shop.json(0, "contact", "list")).toHaveLength(9);
    expect(
      (await shop.adsapp("contact", "erase", "0610000009", "--yes", "--as", "viewer@jansen")).exitCode,
    ).toBe(5);
  });
});

describe("import list and undo", () => {
  it("lists imports, the newest first, and takes one back", async () => {
    const path = shop.write("mobiel;voornaam\n0620000001;Noor\n", "nieuw.csv");
    const { importId } = await shop.json<{ importId: string }>(
      0,
      "contact",
      "import",
      path,
      "--tag",
      "nieuw",
    );
    expect((await shop.json<object[]>(0, "import", "list"))[0]).toMatchObject({
      id: importId,
      fileName: "nieuw.csv",
      created: 1,
      importedBy: "cli@jansen",
      undoneAt: null,
    });
    expect((await shop.adsapp("import", "undo", importId)).exitCode).toBe(2);
    expect(await shop.json(0, "import", "undo", importId, "--yes")).toMatchObject({
      removed: 1,
      tagsRemoved: 1,
    });
    expect((await shop.adsapp("contact", "show", "0620000001")).exitCode).toBe(4);
    expect((await shop.adsapp("import", "undo", importId, "--yes")).exitCode).toBe(1);
    const [first] = await shop.json<{ undoneAt: string }[]>(0, "import", "list", "--limit", "1");
    expect(first?.undoneAt).toEqual(expect.any(String));
  });
});

describe("prune", () => {
  it("follows what org set --retention says, and a dry run only counts", async () => {
    const set = await shop.json(0, "org", "set", "--retention", "messages=30d", "webhookBodies=7d");
    expect(set).toMatchObject({ retention: { messages: "30d", webhookBodies: "7d" } });
    await shop.query(
      "insert into messages (organization_id, direction, contact_id, type, body, status, created_at) values ($1, 'inbound', $2, 'text', 'oud', 'received', now() - interval '31 days')",
      [shop.jansen.id, shop.mine[0]?.id],
    );
    expect(await shop.json(0, "prune", "--dry-run", "--org", "jansen")).toMatchObject({ messages: 1 });
    expect(await shop.json(0, "prune")).toMatchObject({ messages: 1, webhookBodies: 0, events: 0 });
    expect(await shop.json(0, "prune")).toMatchObject({ messages: 0 });
    expect(await shop.json(0, "org", "set", "--retention", "none")).toMatchObject({ retention: null });
    for (const bad of ["messages", "messages=0d", "phones=3d", "messages=-1d", "messages=1y"])
      expect([bad, (await shop.adsapp("org", "set", "--retention", bad)).exitCode]).toEqual([bad, 2]);
  });
});
