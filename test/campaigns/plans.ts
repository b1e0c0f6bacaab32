import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { broadcastInput } from "../../src/campaigns/definition.ts";
import { saveCampaign } from "../../src/campaigns/save.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { operator } from "../../src/db/identity.ts";
import { tick } from "../../src/tick/tick.ts";
import { NOW, type Setup, setup, type World } from "../sending/setup.ts";

export let s: Setup;
let folder: string;

/** A database and a folder for the file's tests, whose books must balance at the end. */
export function usePlans(): void {
  beforeAll(async () => {
    s = await setup();
    folder = mkdtempSync(join(tmpdir(), "adsapp-plans-"));
  });

  beforeEach(() => s.at(NOW));

  afterAll(async () => {
    await s.expectCleanAudit();
    await s.end();
    rmSync(folder, { recursive: true });
  });
}

export const asAdmin = <T>(w: World, work: Parameters<typeof s.database.transaction<T>>[1]) =>
  s.database.transaction(operator(w.organization.profileId), work);

/** A draft to everyone, saved and started. @returns its id */
export async function started(w: World, given: object): Promise<string> {
  const definition = broadcastInput.parse({
    name: "Sale",
    targetAudience: { type: "all" },
    message: { type: "text", text: "Hoi" },
    ...given,
  });
  const { id } = await asAdmin(w, (tx) => saveCampaign(tx, w.organization.id, definition));
  await startCampaign(s.database, operator(w.organization.profileId), w.organization.id, id);
  return id;
}

export const runTick = (w: World) =>
  tick({
    database: s.database,
    env: {},
    leaseSeconds: 30,
    budgetSeconds: 20,
    organizationId: w.organization.id,
    stopping: new AbortController().signal,
    aborting: new AbortController().signal,
    logFile: join(folder, "messages.log"),
  });

export const campaign = async (w: World, id: string) => w.campaign({ id });
export const HOUR = 60;
export const DAY = 24 * HOUR;
