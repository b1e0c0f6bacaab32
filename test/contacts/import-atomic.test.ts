import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const HEADER = "mobiel;voornaam;plaats";

describe("an import is all or nothing", () => {
  it("when the database refuses something halfway", async () => {
    const { importLines, organization } = await s.tenant();
    await importLines([HEADER, "0612345671;Jan;Ede"]);
    const before = await s.everything();
    const lines = Array.from({ length: 5_000 }, (_, n) => `06${20_000_000 + n};Naam ${n};Ede`);
    await withFault(organization.id, "+31620004999", "P0001", async () => {
      await expect(
        importLines([HEADER, "0612345671;Jan;Epe", ...lines], { list: "nieuw", tags: ["nieuw"] }),
      ).rejects.toMatchObject({ code: "P0001" });
    });
    expect(await s.everything()).toEqual(before);
  });

  it("and says so when it met a deadlock: a file is not read twice", async () => {
    const { importLines, organization } = await s.tenant();
    const before = await s.everything();
    await withFault(organization.id, "+31612345672", "40P01", async () => {
      await expect(importLines([HEADER, "0612345671;Jan;Ede", "0612345672;Eva;Ede"])).rejects.toMatchObject({
        exitCode: 75,
        message: "other work on the contacts got in the way; import the file again",
      });
    });
    expect(await s.everything()).toEqual(before);
  });

  it("when every row is rejected: an error with the first reasons", async () => {
    const { importLines } = await s.tenant();
    const before = await s.everything();
    await expect(
      importLines([HEADER, "06;Jan;Ede", "1;Eva"], { list: "x", tags: ["x"] }),
    ).rejects.toMatchObject({
      name: "UserError",
      exitCode: 2,
      message: expect.stringMatching(
        /every row of .* was rejected\n {2}line 2: mobiel "06" is too short\n {2}line 3: has 2 cells where the header has 3/,
      ),
      hint: "Nothing was changed.",
    });
    await expect(importLines([HEADER])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("has a header and no rows"),
    });
    expect(await s.everything()).toEqual(before);
  });

  it.each([
    ["a tag that is none", { tags: [" "] }],
    ["a tag that is too long", { tags: ["x".repeat(101)] }],
    ["a list without a name", { list: "  " }],
    ["a list whose name is too long", { list: "x".repeat(201) }],
    ["a country without phones", { country: "XX" }],
  ])("%s is refused before anything is read", async (_name, options) => {
    const { importLines } = await s.tenant();
    await expect(importLines([HEADER, "0612345671;Jan;Ede"], options)).rejects.toMatchObject({ exitCode: 2 });
  });
});

/** While `work` runs, the database fails at this phone of this organization. */
async function withFault(organizationId: string, phone: string, code: string, work: () => Promise<void>) {
  const asOwner = (sql: string) => s.database.transaction(owner, (tx) => tx.run(sql));
  await asOwner(
    `create function fault() returns trigger language plpgsql as $$ begin raise exception 'a fault' using errcode = '${code}'; end $$`,
  );
  await asOwner(
    `create trigger fault before insert on contacts for each row
       when (new.phone = '${phone}' and new.organization_id = '${organizationId}') execute function fault()`,
  );
  try {
    await work();
  } finally {
    await asOwner("drop trigger fault on contacts");
    await asOwner("drop function fault()");
  }
}
