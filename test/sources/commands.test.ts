import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import setSender from "../../src/senders/set.command.ts";
import create from "../../src/sources/create.command.ts";
import { waLink } from "../../src/sources/link.ts";
import list from "../../src/sources/list.command.ts";
import { onWhite } from "../../src/sources/picture.ts";
import qr from "../../src/sources/qr.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeCampaign, makeOrganization, makeSender, type TestOrganization } from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let other: TestOrganization;
let folder: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database, { slug: "jansen" });
  other = await makeOrganization(database, { slug: "pietersen" });
  folder = mkdtempSync(join(tmpdir(), "adsapp-sources-"));
  await makeSender(database, organization);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (
  spec: Parameters<typeof runCommand>[0],
  argv: string[],
  given: { organization?: string; user?: string; format?: "table" | "json" } = {},
) =>
  runCommand(spec, argv, { databaseUrl: testDatabase.url, organization: "jansen", format: "json", ...given });

interface Made {
  name: string;
  code: string;
}

async function made(name: string, ...flags: string[]): Promise<Made> {
  const { stdout, stderr, exitCode } = await run(create, [name, "--type", "qr_code", ...flags]);
  expect([exitCode, stderr.startsWith("error")]).toEqual([0, false]);
  return JSON.parse(stdout);
}

describe("source create", () => {
  it("makes one with a code, and is refused when the name is taken", async () => {
    expect(await made("Poster", "--text", "Hoi! Ik heb een vraag")).toMatchObject({
      name: "Poster",
      code: expect.stringMatching(/^[A-Z2-9]{6}$/),
      type: "qr_code",
      text: "Hoi! Ik heb een vraag",
      conversations: 0,
    });
    expect(await run(create, ["Poster", "--type", "direct"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is a source "Poster" already'),
    });
  });

  it("takes a campaign of its own organization, and says so of none else", async () => {
    await makeCampaign(database, organization, { name: "Zomer" });
    const theirs = await makeCampaign(database, other, { name: "Hunne", status: "draft" });
    const flags = ["--type", "campaign", "--campaign"];
    const ran = await run(create, ["Zomerpost", ...flags, "Zomer"]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ campaign: "Zomer" });
    for (const word of ["Hunne", theirs.id, "00000000-0000-4000-8000-000000000000"])
      expect(await run(create, ["X", ...flags, word])).toMatchObject({ exitCode: 4, stdout: "" });
  });

  it("ends with 2 for what goes not together or is too long, with 5 for a viewer", async () => {
    for (const argv of [
      ["X", "--type", "direct", "--ad", "1"],
      ["X", "--type", "campaign", "--campaign", "Zomer", "--drip", "Zomer"],
      ["X", "--type", "direct", "--text", "x".repeat(501)],
      [" ", "--type", "direct"],
    ])
      expect([argv, (await run(create, argv)).exitCode]).toEqual([argv, 2]);
    expect(await run(create, ["X", "--type", "direct"], { user: "viewer@jansen" })).toMatchObject({
      exitCode: 5,
      stdout: "",
    });
  });
});

describe("source qr", () => {
  it("says what to set while the number is unknown, then prints the link and the code", async () => {
    const { code } = await made("Folder", "--text", "Hoi & dag #1");
    expect(await run(qr, ["Folder"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("--display-phone"),
    });
    expect((await run(setSender, ["main", "--display-phone", "020 1234567"])).exitCode).toBe(2);
    expect((await run(setSender, ["main", "--display-phone", "+31 20 123 4567"])).exitCode).toBe(0);
    const { stdout } = await run(qr, ["Folder"]);
    const { link } = JSON.parse(stdout);
    expect(link).toBe(`https://wa.me/31201234567?text=Hoi%20%26%20dag%20%231%20%5Bref%3A%20${code}%5D`);
    expect(new URL(link).searchParams.get("text")).toBe(`Hoi & dag #1 [ref: ${code}]`);
    expect((await run(qr, ["Folder"], { format: "table" })).stdout).toMatch(/[█▀▄]{10}/);
  });

  it("is black on white on a terminal, line by line, and unpainted elsewhere", async () => {
    expect(onWhite("█▀\n▀▄", true)).toBe("\u001b[30;107m█▀\u001b[0m\n\u001b[30;107m▀▄\u001b[0m");
    expect((await run(qr, ["Folder"], { format: "table" })).stdout).not.toContain("\u001b");
  });

  it("writes SVG and PNG, over what exists only with --force, and never through a link", async () => {
    const [svg, png, link] = ["a.svg", "a.png", "link.svg"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    expect((await run(qr, ["Folder", "--svg", svg, "--png", png])).exitCode).toBe(0);
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg .*<\/svg>\s*$/s);
    expect([...readFileSync(png).subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
    writeFileSync(svg, "van ons");
    expect(await run(qr, ["Folder", "--svg", svg])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("exists"),
    });
    expect(readFileSync(svg, "utf8")).toBe("van ons");
    symlinkSync(svg, link);
    expect((await run(qr, ["Folder", "--svg", link, "--force"])).exitCode).toBe(2);
    expect(readFileSync(svg, "utf8")).toBe("van ons");
    symlinkSync(join(folder, "elsewhere"), join(folder, "dangling"));
    expect((await run(qr, ["Folder", "--svg", join(folder, "dangling"), "--force"])).exitCode).toBe(2);
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
    expect((await run(qr, ["Folder", "--svg", svg, "--force"])).exitCode).toBe(0);
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg/);
    expect((await run(qr, ["Folder", "--svg", folder, "--force"])).exitCode).toBe(2);
    expect((await run(qr, ["Folder", "--png", join(folder, "no", "where.png")])).exitCode).toBe(2);
  });

  it("knows no source of another tenant", async () => {
    await run(create, ["Van hen", "--type", "direct"], { organization: "pietersen" });
    expect(await run(qr, ["Van hen"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('source "Van hen" not found'),
    });
  });

  it("encodes any text so that the link gives it back", () => {
    for (const text of ["ä€😀", "a+b=c&d", "%5B", "[ref: X]", "regel 1\nregel 2", ""])
      expect(new URL(waLink("+31201234567", { text, code: "A7K2P9" })).searchParams.get("text")).toBe(
        `${text} [ref: A7K2P9]`,
      );
  });
});

it("source list has them with their counts, and nothing of another tenant", async () => {
  const { stdout } = await run(list, []);
  const names = (JSON.parse(stdout) as Made[]).map(({ name }) => name);
  expect(names).toEqual(["Poster", "Zomerpost", "Folder"]);
  expect((await run(list, ["--days", "7"], { format: "table" })).stdout).toMatch(/Poster.*qr_code/);
});
