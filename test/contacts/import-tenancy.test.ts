import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { counts, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const FILE = "mobiel;bsuid;voornaam;tags;list;opt_out\n0612345671;NL.1;Piet;x;klanten;ja\n";

describe("an import is walled in its organization:", () => {
  it("contacts, tags and lists of another one stay untouched, though they have the same phones", async () => {
    const [ours, theirs] = [await s.tenant(), await s.tenant()];
    await theirs.importLines([
      "mobiel;bsuid;voornaam;tags;list",
      "0612345671;NL.1;Jan;a;klanten",
      "0612345672;;Eva;a;klanten",
    ]);
    const before = await theirs.people();
    const path = s.write(FILE);
    expect(counts(await ours.importFile(path))).toMatchObject({ created: 1, updated: 0 });
    expect(await theirs.people()).toEqual(before);
    expect(await ours.people()).toMatchObject([{ firstName: "Piet", tags: ["x"], lists: ["klanten"] }]);
  });

  it("a profile of one organization imports nothing into another, nor learns of what is there", async () => {
    const [ours, theirs] = [await s.tenant(), await s.tenant()];
    await theirs.importFile(s.write(FILE));
    const before = await s.everything();
    for (const onDuplicate of ["update", "skip", "fail"] as const) {
      const crossing = theirs.importAs(ours.organization.profileId, s.write(FILE), { onDuplicate });
      await expect(crossing).rejects.toMatchObject({ code: "42501" });
    }
    expect(await s.everything()).toEqual(before);
  });

  it("a viewer's import is refused, and nothing changes", async () => {
    const tenant = await s.tenant();
    await tenant.importFile(s.write(FILE));
    const before = await s.everything();
    const viewing = tenant.importAs(tenant.organization.viewerId, s.write(FILE.replace("Piet", "Viewer")));
    await expect(viewing).rejects.toMatchObject({ code: "42501" });
    expect(await s.everything()).toEqual(before);
  });
});
