import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator, worker } from "../../src/db/identity.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { makeOrganization, makeSender, type TestOrganization } from "../support/factories.ts";

let w: World;
let jansen: TestOrganization;

beforeAll(async () => {
  w = await makeWorld();
  jansen = await makeOrganization(w.database, { slug: "jansen" });
  await makeOrganization(w.database, { slug: "pietersen" });
});

afterAll(() => w.end());

const inJansen = (words: string) => w.adsapp(`--org jansen ${words}`);
const json = <T>(words: string) => w.json<T>(`--org jansen ${words}`);
const emails = async (organization = "jansen") =>
  (await w.json<{ email: string }[]>(`--org ${organization} user list`)).map(({ email }) => email);

describe("user add", () => {
  it("adds someone, an agent unless told otherwise, named by the e-mail unless told otherwise", async () => {
    expect(await json("user add anna@jansen.example")).toMatchObject({
      email: "anna@jansen.example",
      fullName: "anna@jansen.example",
      role: "agent",
    });
    const added = await w.json([
      "--org",
      "jansen",
      "user",
      "add",
      "bas@jansen.example",
      "--name",
      "Bas de Wit",
      "--role",
      "admin",
    ]);
    expect(added).toMatchObject({ fullName: "Bas de Wit", role: "admin" });
    expect(await emails()).toEqual(
      expect.arrayContaining(["anna@jansen.example", "bas@jansen.example", "cli@jansen"]),
    );
    expect(await emails("pietersen")).toEqual(["cli@pietersen", "viewer@pietersen"]);
  });

  it("is idempotent with --if-not-exists where the role is the same", async () => {
    const line = "user add twice@jansen.example --role viewer";
    const made = await json(line);
    expect(await json(`${line} --if-not-exists`)).toEqual(made);
    expect(await inJansen(line)).toMatchObject({ stdout: "", exitCode: 1 });
    const { stderr, exitCode } = await inJansen("user add twice@jansen.example --role admin --if-not-exists");
    expect({ stderr, exitCode }).toEqual({
      stderr: "error: user twice@jansen.example exists as viewer\nRemove it first to give it another role.\n",
      exitCode: 1,
    });
  });

  it("lets the same e-mail work in two organizations", async () => {
    await json("user add both@example.com");
    expect(await w.json("--org pietersen user add both@example.com")).toMatchObject({ role: "agent" });
    await w.json("--org pietersen user list --as both@example.com");
    await w.adsapp("--org pietersen user remove both@example.com --yes");
  });

  it.each(["anna", "@jansen.example", "anna@", "an na@x"])("refuses the e-mail %j: 2", async (email) => {
    expect(await w.adsapp(["--org", "jansen", "user", "add", email])).toMatchObject({
      stdout: "",
      exitCode: 2,
    });
  });

  it("refuses a role that there is not, and names those that there are: 2", async () => {
    const { stderr, exitCode } = await inJansen("user add x@jansen.example --role boss");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Allowed choices are admin, agent, viewer");
  });
});

describe("users who are no admins", () => {
  it.each(["agent", "viewer"])("an %s adds and removes nobody: 5", async (role) => {
    const acting = `${role}-acting@jansen.example`;
    await json(`user add ${acting} --role ${role}`);
    const before = await emails();
    for (const words of [
      "user add new@jansen.example --role admin",
      `user remove ${acting} --yes`,
      "user remove viewer@jansen --yes",
    ]) {
      expect(await inJansen(`--as ${acting} ${words}`)).toMatchObject({ stdout: "", exitCode: 5 });
    }
    expect(await emails()).toEqual(before);
  });

  it("an agent makes no admin of himself by SQL", async () => {
    const { id } = await json<{ id: string }>("user add climber@jansen.example");
    const climb = w.database.transaction(operator(id), (tx) =>
      tx.run("update profiles set role = 'admin' where id = $1", [id]),
    );
    await expect(climb).rejects.toMatchObject({ code: "42501" });
  });
});

describe("user remove", () => {
  it("removes someone, who can act no more", async () => {
    await json("user add gone@jansen.example");
    const removed = await inJansen("user remove gone@jansen.example --yes");
    expect(removed).toEqual({ stdout: "", stderr: "Removed gone@jansen.example.\n", exitCode: 0 });
    expect(await emails()).not.toContain("gone@jansen.example");
    expect(await inJansen("--as gone@jansen.example campaign list")).toMatchObject({ exitCode: 4 });
    expect(await inJansen("user remove gone@jansen.example --yes")).toMatchObject({ exitCode: 4 });
  });

  it("keeps what the person made", async () => {
    await makeSender(w.database, jansen);
    const { id } = await json<{ id: string }>("user add maker@jansen.example");
    const { campaignId } = await w.database.transaction(operator(id), async (tx) => {
      const made = await tx.one<{ campaignId: string }>(
        `insert into bulk_campaigns (name, message) values ('Made', '{"type": "text", "text": "Hoi"}') returning id as campaign_id`,
      );
      return made as { campaignId: string };
    });
    expect(await inJansen("user remove maker@jansen.example --yes")).toMatchObject({ exitCode: 0 });
    const campaign = await w.database.transaction(worker, (tx) =>
      tx.one("select created_by, name from bulk_campaigns where id = $1", [campaignId]),
    );
    expect(campaign).toEqual({ createdBy: null, name: "Made" });
  });

  it("leaves the built-in profile: 1", async () => {
    const { stderr, exitCode } = await inJansen("user remove cli@jansen --yes");
    expect({ stderr, exitCode }).toEqual({ stderr: "error: the built-in cli profile stays\n", exitCode: 1 });
    expect(await emails()).toContain("cli@jansen");
  });

  it("lets an admin remove himself", async () => {
    await json("user add leaving@jansen.example --role admin");
    expect(
      await inJansen("--as leaving@jansen.example user remove leaving@jansen.example --yes"),
    ).toMatchObject({ exitCode: 0 });
  });
});
