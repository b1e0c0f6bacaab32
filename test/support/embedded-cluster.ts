import type { TestProject } from "vitest/node";
import { ensureEmbedded } from "../../src/db/embedded/index.ts";
import { clusterForRun, type RunningCluster, startCluster, TEST_SETTINGS } from "./cluster.ts";

/** vitest's globalSetup: the PostgreSQL that adsapp brings. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return clusterForRun(project, startEmbeddedCluster);
}

/** For what runs outside vitest too; it has no template yet (makeTemplate). */
export function startEmbeddedCluster(): Promise<RunningCluster> {
  return startCluster(async (home) => {
    await ensureEmbedded(home, { fsync: false, settings: TEST_SETTINGS });
  });
}
