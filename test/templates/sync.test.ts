import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import syncCommand from "../../src/templates/sync.command.ts";
import { saveSynced } from "../../src/templates/sync.ts";
import { listTemplates, saveTemplate } from "../../src/templates/templates.ts";
import { runCommand } from "../reports/run-command.ts";
import { account, answering, syncing, TOKEN, template, WABA } from "./syncing.ts";

let s: Awaited<ReturnType<typeof syncing>>;

beforeAll(async () => {
  s = await syncing();
});

afterAll(() => s.end());

const names = (rows: readonly { name: string; action?: string }[]) =>
  rows.map(({ name, action }) => `${name} ${action}`);

/** An organization whose account is this one. */
async function shop(url: string) {
  const organization = await s.organization();
  await s.addSender(organization, url);
  return {
    organization,
    sync: (options = {}) => s.sync(organization, options),
    list: () => s.asAdmin(organization, (tx) => listTemplates(tx, organization.id)),
    moveTo: (other: string) =>
      s.asAdmin(organization, (tx) => tx.run("update senders set api_url = $1", [`${other}/v25.0`])),
  };
}

const json =
  (value: unknown, httpStatus = 200) =>
  (_request: unknown, response: import("node:http").ServerResponse) =>
    void response.writeHead(httpStatus, { "content-type": "application/json" }).end(JSON.stringify(value));

describe("template sync", () => {
  it("takes over all pages, and finds nothing new the second time", async () => {
    const { sync, list } = await shop(
      await account(["een", "twee", "drie", "vier", "vijf"].map((name) => template(name))),
    );
    const first = await sync();
    expect(names(first.templates)).toEqual(
      ["drie", "een", "twee", "vier", "vijf"].map((name) => `${name} created`),
    );
    expect(await list()).toHaveLength(5);
    expect((await list())[0]).toMatchObject({
      name: "drie",
      status: "APPROVED",
      quality: "GREEN",
      parameterFormat: "POSITIONAL",
      variables: ["1"],
      components: [{ type: "BODY", text: "Hoi {{1}}" }],
    });
    const before = await list();
    expect(new Set((await sync()).templates.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
    expect(await list()).toEqual(before);
  });

  it("says what changed, and marks what is gone instead of deleting it", async () => {
    const { sync, list, moveTo } = await shop(
      await account([template("blijft"), template("wacht", { status: "PENDING" }), template("weg")]),
    );
    await sync();
    const ids = new Map((await list()).map(({ name, id }) => [name, id]));
    await moveTo(await account([template("blijft", { text: "Dag {{naam}}" }), template("wacht")]));
    const { templates } = await sync();
    expect(templates).toMatchObject([
      { name: "blijft", action: "updated", changed: ["components"] },
      { name: "wacht", action: "updated", changed: ["status"], statusBefore: "PENDING", status: "APPROVED" },
      { name: "weg", action: "gone", statusBefore: "APPROVED", status: "DELETED" },
    ]);
    const now = await list();
    expect(now.map(({ name, status, id }) => [name, status, ids.get(name) === id])).toEqual([
      ["blijft", "APPROVED", true],
      ["wacht", "APPROVED", true],
      ["weg", "DELETED", true],
    ]);
    expect(now[0]).toMatchObject({ parameterFormat: "NAMED", variables: ["naam"] });
    expect(names((await sync()).templates)).toEqual(["blijft unchanged", "wacht unchanged"]);
  });

  it("takes one that comes back as it is then", async () => {
    const { sync, moveTo } = await shop(await account([template("een"), template("twee")]));
    await sync();
    await moveTo(await account([template("een")]));
    await sync();
    await moveTo(await account([template("een"), template("twee")]));
    expect((await sync()).templates).toMatchObject([
      { name: "een", action: "unchanged" },
      { name: "twee", action: "updated", statusBefore: "DELETED", status: "APPROVED" },
    ]);
  });

  it("leaves what was added by hand, and takes over its like", async () => {
    const { organization, sync, list } = await shop(await account([template("beide")]));
    for (const name of ["beide", "eigen"])
      await s.asAdmin(organization, (tx) =>
        saveTemplate(tx, organization.id, template(name, { text: "Mijn {{1}}" })),
      );
    expect(names((await sync()).templates)).toEqual(["beide updated"]);
    expect((await list()).map(({ name, status, components }) => [name, status, components])).toEqual([
      ["beide", "APPROVED", [{ type: "BODY", text: "Hoi {{1}}" }]],
      ["eigen", "APPROVED", [{ type: "BODY", text: "Mijn {{1}}" }]],
    ]);
  });

  it("keeps why Meta rejected one", async () => {
    const { sync, list } = await shop(await account([template("afgewezen", { status: "REJECTED" })]));
    expect((await sync()).templates).toMatchObject([
      { status: "REJECTED", rejectedReason: "INVALID_FORMAT" },
    ]);
    expect(await list()).toMatchObject([{ rejectedReason: "INVALID_FORMAT" }]);
  });

  it("changes nothing when it only tries", async () => {
    const { sync, list } = await shop(await account([template("een")]));
    expect(names((await sync({ dryRun: true })).templates)).toEqual(["een created"]);
    expect(await list()).toEqual([]);
  });

  it("is nothing for viewers, and touches no other tenant", async () => {
    const url = await account([template("een")]);
    const [mine, other] = [await shop(url), await shop(url)];
    await other.sync();
    const { organization } = mine;
    await expect(
      s.database.transaction(operator(organization.viewerId), (tx) =>
        saveSynced(tx, organization.id, [{ wabaId: WABA, templates: [] }], { dryRun: false }),
      ),
    ).rejects.toMatchObject({ exitCode: 5 });
    await mine.moveTo(await account([]));
    await mine.sync();
    expect(await other.list()).toMatchObject([{ name: "een", status: "APPROVED" }]);
  });
});

describe("several accounts", () => {
  it("are all asked; one that cannot be is named, and its templates stay", async () => {
    const { organization, sync, list } = await shop(await account([template("een")]));
    const broken = await answering(
      json({ error: { code: 190, error_subcode: 463, message: "expired" } }, 401),
    );
    await s.addSender(organization, broken.url, { name: "second", phoneNumberId: "2", wabaId: "77" });
    await s.addSender(organization, broken.url, { name: "third", phoneNumberId: "3", wabaId: undefined });
    const { templates, faults, warnings } = await sync();
    expect(names(templates)).toEqual(["een created"]);
    expect(faults.map(({ message }) => message)).toEqual(['account 77 (sender "second"): 190/463: expired']);
    expect(warnings).toEqual(['sender "third" has no --waba-id']);
    await s.asAdmin(organization, (tx) => tx.run("update message_templates set waba_id = '77'"));
    await sync();
    expect(await list()).toMatchObject([{ status: "APPROVED" }]);
  });

  it("may have the same name: the default sender's is kept", async () => {
    const { organization, sync, list } = await shop(await account([template("een", { text: "Eerste" })]));
    const second = await account([template("een", { text: "Tweede" })], { wabaId: "77" });
    await s.addSender(organization, second, { name: "second", phoneNumberId: "2", wabaId: "77" });
    expect((await sync()).warnings).toEqual([
      `template "een" (nl) is in two accounts: that of ${WABA} is kept`,
    ]);
    expect(await list()).toMatchObject([{ components: [{ type: "BODY", text: "Eerste" }] }]);
  });
});

describe("what Meta lists", () => {
  const row = (given: object) => ({
    id: 1387000000000001,
    name: "een",
    language: "nl",
    status: "APPROVED",
    category: "MARKETING",
    components: [{ type: "BODY", text: "Hoi" }],
    ...given,
  });
  const listing = async (...data: object[]) => {
    const { url } = await answering(json({ data, paging: { cursors: { before: "a", after: "b" } } }));
    return shop(url);
  };

  it("may have numbers for ids, dashes in languages, and parts that we do not know", async () => {
    const { sync, list } = await listing(
      row({
        language: "en-US",
        components: [
          { type: "CAROUSEL", cards: [] },
          { type: "BODY", text: "Hi \u0000 \ud800" },
        ],
      }),
    );
    expect(names((await sync()).templates)).toEqual(["een created"]);
    expect(await list()).toMatchObject([{ language: "en_US", components: [{ type: "CAROUSEL" }, {}] }]);
  });

  it("is left out, and said, where it cannot be kept", async () => {
    const { sync, list } = await listing(
      row({ name: "Groot" }),
      row({ language: "x" }),
      row({ category: "OTP" }),
      row({}),
    );
    expect((await sync()).warnings).toEqual([
      'template "Groot" (nl) is left out: its name is not made of a–z, 0–9 and underscores',
      'template "een" (x) is left out: its language is not a code such as nl or en_US',
      'template "een" (nl) is left out: its category is OTP',
    ]);
    expect(await list()).toHaveLength(1);
  });

  it("is a thousand in one statement", async () => {
    const { sync } = await listing(...Array.from({ length: 1000 }, (_, n) => row({ name: `t${n}` })));
    expect((await sync()).templates).toHaveLength(1000);
  });
});

describe("an account that does not answer as it should", () => {
  const failing = async (answer: Parameters<typeof answering>[0]) => {
    const server = await answering(answer);
    const { sync, list } = await shop(server.url);
    const { faults } = await sync();
    expect(await list()).toEqual([]);
    expect(JSON.stringify(faults.map(({ message, hint }) => [message, hint]))).not.toContain(TOKEN);
    return { ...server, fault: faults[0] };
  };
  const error = (code: number, more: object = {}) =>
    json({ error: { code, message: `no ${TOKEN}`, ...more } }, 400);

  it.each<[number, object, number, RegExp | undefined]>([
    [190, {}, 1, /make a new one/],
    [100, { error_subcode: 33 }, 1, /--waba-id/],
    [200, {}, 1, /whatsapp_business_management/],
    [80007, {}, 75, /patience/],
    [2, {}, 75, /patience/],
    [131000, {}, 1, undefined],
  ])("with code %i", async (code, more, exitCode, hint) => {
    const { fault } = await failing(error(code, more));
    expect(fault).toMatchObject({ exitCode });
    expect(fault?.message).toMatch(/^account \d+ \(sender "main"\): \d+(\/33)?: no \*\*\*$/);
    if (hint === undefined) expect(fault?.hint).toBeUndefined();
    else expect(fault?.hint).toMatch(hint);
  });

  it("with a page of a proxy, or with nothing", async () => {
    const html = await failing((_request, response) => response.writeHead(502).end("<html>"));
    expect(html.fault).toMatchObject({
      exitCode: 75,
      message: expect.stringContaining("HTTP 502 that cannot be read"),
    });
    const reset = await failing((request) => request.socket.resetAndDestroy());
    expect(reset.fault).toMatchObject({ exitCode: 75 });
  });

  it("with a redirect: it is not followed", async () => {
    const elsewhere = await answering(json({ data: [] }));
    const { fault } = await failing((_request, response) =>
      response.writeHead(302, { location: elsewhere.url }).end(),
    );
    expect(fault?.message).toContain("HTTP 302");
    expect(elsewhere.asked).toEqual([]);
  });

  it("with an answer without end", async () => {
    const piece = "x".repeat(1024 * 1024);
    const { fault } = await failing((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(piece));
        response.once("drain", more);
      };
      more();
    });
    expect(fault?.message).toContain("too long");
  });

  it("with pages that turn in a circle", async () => {
    const { fault, asked } = await failing(
      json({
        data: [],
        paging: { cursors: { after: "same" }, next: "https://elsewhere.example/?access_token=x" },
      }),
    );
    expect(fault?.message).toContain("do not end");
    expect(asked).toHaveLength(2);
  });
});

describe("the command", () => {
  it("says what to do without an account, and without a token", async () => {
    const organization = await s.organization();
    const run = () =>
      runCommand(syncCommand as never, [], { databaseUrl: s.url, organization: organization.slug });
    expect(await run()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("no sender has a WhatsApp Business Account"),
    });
    await s.addSender(organization, "http://127.0.0.1:9");
    expect(await run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("TOKEN is not set") });
  });
});
