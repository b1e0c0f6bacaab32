import { afterAll, beforeAll, beforeEach } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { dripInput } from "../../src/drips/definition.ts";
import { previewContact } from "../../src/drips/preview-contact.ts";
import { resolveOrganization } from "../../src/organizations/organization.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { NOW, type Setup, setup } from "./setup.ts";

export let s: Setup;
export let contact: { id: string; phone: string };

/** A database for a file's tests, and a contact of its own for each. */
export function usePreviews(): void {
  beforeAll(async () => {
    s = await setup();
    await makeSender(s.database, s.organization);
  });

  beforeEach(async () => {
    [contact] = (await makeContacts(s.database, s.organization, 1, { firstName: "Emma" })) as [
      typeof contact,
    ];
  });

  afterAll(() => s.end());
}

/** Its timetable as seen at NOW: a line a step, and the end. */
export async function timetable(
  source: object,
  at: Date | undefined = NOW,
  profileId = s.organization.profileId,
) {
  const organization = await s.asWorker((tx) => resolveOrganization(tx, s.organization.id));
  const rehearsal = { database: s.database, identity: operator(profileId), organization };
  const found =
    "id" in source ? { name: (source as { id: string }).id } : { definition: dripInput.parse(source) };
  const shown = await previewContact(rehearsal, found, contact.id, at);
  const lines = shown.steps.map((step) => [step.at.toISOString(), step.outcome, step.reason ?? step.text]);
  return { ...shown, lines };
}

export const file = (steps: object[], more: object = {}) => ({ name: "Nieuw", steps, ...more });
