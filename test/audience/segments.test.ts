import { afterAll, beforeAll, describe, expect, it } from "vitest";
import contactList from "../../src/audience/contact-list.command.ts";
import { readFilter } from "../../src/audience/filter.ts";
import { membersOf } from "../../src/audience/members.ts";
import { findingsOf } from "../../src/campaigns/findings.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { createList, findStaticList } from "../../src/contacts/lists.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { broadcast } from "../campaigns/setup.ts";
import { runCommand } from "../reports/run-command.ts";
import { type Setup, setup, type World } from "../sending/setup.ts";
import { makeCampaign } from "../support/factories.ts";

let s: Setup;
let w: World;

/** 3 of Utrecht, one of them staff; 2 of Zeist. A tenant that is alike. */
beforeAll(async () => {
  s = await setup();
  for (const world of [await s.world(), await s.world()]) {
    w = world;
    await w.contacts(2, { attributes: { city: "Utrecht" } });
    await w.contacts(1, { attributes: { city: "Utrecht" }, tags: ["staff"] });
    await w.contacts(2, { attributes: { city: "Zeist" } });
    const filter = { field: "attributes.city", op: "eq", value: "Utrecht" };
    await asAdmin((tx) => createList(tx, w.organization.id, "utrecht", undefined, false, filter));
  }
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const asAdmin = <T>(work: Parameters<typeof s.database.transaction<T>>[1]) =>
  s.database.transaction(operator(w.organization.profileId), work);

/** How many people a started campaign has. */
async function targets(targetAudience: object): Promise<number> {
  const { id } = await makeCampaign(s.database, w.organization, { status: "draft", targetAudience });
  const { profileId, id: organizationId } = w.organization;
  return (await startCampaign(s.database, operator(profileId), organizationId, id)).targets;
}

describe("a segment", () => {
  it("is whom a campaign is written out for", async () => {
    const where = {
      all: [{ field: "attributes.city", op: "eq", value: "Utrecht" }, { not: { tag: "staff" } }],
    };
    expect(await targets({ type: "segment", where })).toBe(2);
    expect(await targets({ type: "segment", where, exclude: { lists: ["utrecht"] } })).toBe(0);
  });

  it("may ask for a dynamic list", async () => {
    expect(await targets({ type: "segment", where: { not: { list: "utrecht" } } })).toBe(2);
  });

  it("that asks for a list that is not there keeps a campaign from starting; for a tag or a campaign, it warns", async () => {
    const where = { any: [{ list: "utrect" }, { tag: "none" }, { received: "Sale" }] };
    const definition = broadcast({
      targetAudience: { type: "segment", where },
      message: { type: "text", text: "x" },
    });
    const found = await asAdmin((tx) => findingsOf(tx, w.organization.id, definition));
    expect(found.errors).toEqual(['there is no list "utrect"; did you mean "utrecht"?']);
    expect(found.warnings).toEqual([
      'no contact has the tag "none"',
      'there is no campaign "Sale" that somebody could have got',
    ]);
  });
});

describe("a dynamic list", () => {
  it("is an audience like any other, and an exclusion", async () => {
    expect(await targets({ type: "list", list: "utrecht" })).toBe(3);
    expect(await targets({ type: "all", exclude: { lists: ["utrecht"] } })).toBe(2);
  });

  it("is counted now", async () => {
    const list = await asAdmin((tx) =>
      createList(tx, w.organization.id, "staf", undefined, false, { tag: "staff" }),
    );
    const count = async () =>
      (await s.database.transaction(worker, (tx) => membersOf(tx, w.organization.id, list, 2))).count;
    expect(await count()).toBe(1);
    await w.contacts(2, { tags: ["staff"] });
    expect(await count()).toBe(3);
  });

  it("takes nobody by hand", async () => {
    await expect(asAdmin((tx) => findStaticList(tx, w.organization.id, "utrecht"))).rejects.toThrow(
      '"utrecht" is a dynamic list: its filter says who is on it',
    );
  });

  it("is decided alike for one contact: adsapp_meets, in drips and rules", async () => {
    const rows = await w.rows<{ n: number }>(
      `select count(*)::int as n from contacts c where c.organization_id = $1 and adsapp_meets(c, '{"list": "utrecht"}', null)`,
      [w.organization.id],
    );
    expect(rows).toEqual([{ n: 3 }]);
  });

  it("is made once; one that is alike is accepted, another one is not", async () => {
    const make = (filter: object) =>
      asAdmin((tx) => createList(tx, w.organization.id, "vips", undefined, true, filter));
    await make({ tag: "vip" });
    expect(await make({ tag: "vip" })).toMatchObject({ name: "vips", filter: { tag: "vip" } });
    await expect(make({ tag: "other" })).rejects.toThrow('a list "vips" exists with another filter');
  });

  it("has a filter that is checked, at its place", async () => {
    await expect(readFilter('{"any": [{"tagg": "x"}]}')).rejects.toThrow(
      "--filter:1:11: any.0.tagg is not a known field; did you mean tag?",
    );
    await expect(readFilter('{"field": "country", "op": "eq", "value": "nl"}')).rejects.toThrow(
      "value: a country is eq, ne or in two letters such as NL",
    );
  });

  it("asks for no other list: in a command, and by SQL", async () => {
    await expect(readFilter('{"not": {"list": "x"}}')).rejects.toThrow("asks for no other list");
    const made = asAdmin((tx) =>
      createList(tx, w.organization.id, "ring", undefined, false, { not: { list: "ring" } }),
    );
    await expect(made).rejects.toThrow("filter_names_no_list");
  });
});

describe("contact list --filter", () => {
  const run = (...argv: string[]) =>
    runCommand(contactList, argv, {
      databaseUrl: s.url,
      organization: w.organization.slug,
      format: "json",
    });
  const listed = async (...argv: string[]): Promise<{ id: string; tags: string[] }[]> => {
    const { stdout, stderr, exitCode } = await run(...argv);
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  const utrecht = { field: "attributes.city", op: "eq", value: "Utrecht" };
  const filter = (condition: object) => ["--filter", JSON.stringify(condition)];

  it("takes the conditions of segments and dynamic lists, beside the other flags, a page at a time", async () => {
    const here = { all: [utrecht, { not: { tag: "staff" } }] };
    expect(await listed(...filter(here))).toHaveLength(2);
    expect(await listed(...filter(utrecht), "--tag", "staff")).toMatchObject([{ tags: ["staff"] }]);
    const [first] = await listed(...filter(here), "--limit", "1");
    const rest = await listed(...filter(here), "--after", first?.id ?? "");
    expect(rest.map(({ id }) => id)).not.toContain(first?.id);
    expect(rest).toHaveLength(1);
  });

  it("may ask for lists, dynamic ones too, as --list may name one", async () => {
    expect(await listed(...filter({ all: [{ list: "utrecht" }, { tag: "staff" }] }))).toHaveLength(1);
    expect(await listed("--list", "utrecht")).toHaveLength(3);
    expect(await listed("--list", "utrecht", "--tag", "staff")).toHaveLength(1);
  });

  it("refuses a condition that is none, and a list that is not there, with near names", async () => {
    expect(await run("--filter", '{"any": [{"tagg": "x"}]}')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--filter:1:11: any.0.tagg is not a known field; did you mean tag?"),
    });
    expect(await run(...filter({ not: { list: "utrect" } }))).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("utrecht"),
    });
  });
});
