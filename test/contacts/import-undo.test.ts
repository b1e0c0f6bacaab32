import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { undoImport } from "../../src/contacts/imports.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

type Tenant = Awaited<ReturnType<Setup["tenant"]>>;

const HEADER = "mobiel;voornaam;plaats;opt_in;opt_out";

const undo = ({ organization }: Tenant, id: string | null) =>
  s.database.transaction(operator(organization.profileId), (tx) =>
    undoImport(tx, organization.id, id as string),
  );

/** Contacts, tags, lists and members as they are, but for when a contact was last updated. */
async function state(tenant: Tenant) {
  return s.query(
    `select to_jsonb(c) - 'updated_at' as row from contacts c where c.organization_id = $1
     union all select to_jsonb(t) from contact_tags t where t.organization_id = $1
     union all select to_jsonb(m) from contact_list_members m where m.organization_id = $1 order by 1`,
    [tenant.organization.id],
  );
}

const lines = (...people: string[]) => [HEADER, ...people];

describe("import undo", () => {
  it("takes back contacts, updates, tags and list memberships, all that the import made", async () => {
    const tenant = await s.tenant();
    await tenant.importLines(lines("0612345671;Jan;Ede;;", "0612345672;Eva;;;"), {
      tags: ["oud"],
      list: "klanten",
    });
    const before = await state(tenant);
    const { importId } = await tenant.importLines(
      lines(
        "0612345671;Johan;Epe;ja;",
        "0612345672;Eva;Ede;;",
        "0612345673;Noor;Ede;ja;",
        "0612345674;Bas;;;",
      ),
      { tags: ["oud", "nieuw"], list: "lente" },
    );
    expect(await undo(tenant, importId)).toEqual({
      importId,
      fileName: expect.any(String),
      removed: 2,
      reverted: 2,
      tagsRemoved: 6,
      membershipsRemoved: 4,
      leftCreated: {},
      leftUpdated: {},
    });
    expect(await state(tenant)).toEqual(before);
    expect((await s.database.transaction(worker, (tx) => audit(tx, tenant.organization.id))).ok).toBe(true);
  });

  it("leaves whoever has a history since, was changed since, or said no, and counts them by reason", async () => {
    const tenant = await s.tenant();
    const { importId } = await tenant.importLines(
      lines(
        "0612345671;Jan;;;",
        "0612345672;Eva;;;",
        "0612345673;Noor;;;ja",
        "0612345674;Bas;;;",
        "0612345675;Tim;;;",
      ),
    );
    const org = tenant.organization.id;
    await s.query(
      `insert into messages (organization_id, direction, contact_id, type, status, provider_message_id)
       select $1, 'inbound', id, 'text', 'received', 'wamid.1' from contacts where organization_id = $1 and phone = '+31612345671'`,
      [org],
    );
    await s.query(
      "insert into contact_tags (organization_id, contact_id, tag) select $1, id, 'vip' from contacts where organization_id = $1 and phone = '+31612345672'",
      [org],
    );
    await tenant.importLines(lines("0612345674;Sebastiaan;;;"));
    expect(await undo(tenant, importId)).toMatchObject({
      removed: 1,
      leftCreated: { "has history": 1, "changed since": 2, "opted out or blocked": 1 },
    });
    expect((await tenant.people()).map(({ firstName }) => firstName)).toEqual([
      "Jan",
      "Eva",
      "Noor",
      "Sebastiaan",
    ]);
  });

  it("reverts no contact that was changed since, and never lifts an opt-out or a block", async () => {
    const tenant = await s.tenant();
    await tenant.importLines(lines("0612345671;Jan;;;", "0612345672;Eva;;;"));
    const { importId } = await tenant.importLines(lines("0612345671;Johan;;;ja", "0612345672;Eefje;;;"));
    await tenant.importLines(lines("0612345672;Eveline;;;"));
    expect(await undo(tenant, importId)).toMatchObject({ reverted: 1, leftUpdated: { "changed since": 1 } });
    expect(await tenant.people()).toMatchObject([
      { firstName: "Jan", optedOutAt: expect.any(Date) },
      { firstName: "Eveline" },
    ]);
  });

  it("counts whom it cannot revert: what they were is pruned, or a skipping import only wrote down their no", async () => {
    const tenant = await s.tenant();
    await tenant.importLines(lines("0612345671;Jan;;;", "0612345672;Eva;;;"));
    const { importId } = await tenant.importLines(lines("0612345671;Johan;;;", "0612345673;Noor;;;"));
    await s.query("delete from contact_import_changes where import_id = $1", [importId]);
    expect(await undo(tenant, importId)).toMatchObject({
      removed: 1,
      reverted: 0,
      leftUpdated: { "what they were is not kept": 1 },
    });
    const skipping = await tenant.importLines(lines("0612345672;Eefje;;;ja"), { onDuplicate: "skip" });
    expect(await undo(tenant, skipping.importId)).toMatchObject({
      leftUpdated: { "opted out or blocked": 1 },
    });
  });

  it("is done once: then it says so, and the file can be imported again", async () => {
    const tenant = await s.tenant();
    const path = s.write("mobiel\n0612345671\n");
    const { importId } = await tenant.importFile(path);
    await undo(tenant, importId);
    await expect(undo(tenant, importId)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^this import was undone on /),
    });
    expect(await tenant.importFile(path)).toMatchObject({ created: 1, importedBefore: null });
  });

  it("answers another organization's import as one that does not exist, and refuses viewers", async () => {
    const [mine, theirs] = [await s.tenant(), await s.tenant()];
    const { importId } = await theirs.importLines(lines("0612345671;Jan;;;"));
    for (const id of [importId, randomUUID(), "1 or true"])
      await expect(undo(mine, id)).rejects.toMatchObject({
        exitCode: 4,
        message: `import "${id}" not found`,
      });
    await expect(
      s.database.transaction(operator(theirs.organization.viewerId), (tx) =>
        undoImport(tx, theirs.organization.id, importId as string),
      ),
    ).rejects.toMatchObject({ exitCode: 5 });
    expect(await theirs.people()).toHaveLength(1);
  });
});
