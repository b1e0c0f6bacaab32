import { availableParallelism } from "node:os";
import { defineConfig, type Plugin } from "vitest/config";

/** `import queries from "./x.sql"` gives the file's text, as esbuild's text loader does in the build. */
const sqlAsText: Plugin = {
  name: "sql-as-text",
  enforce: "pre",
  transform(code, id) {
    return id.endsWith(".sql") ? { code: `export default ${JSON.stringify(code)};`, map: null } : undefined;
  },
};

const cores = availableParallelism();

/** Projects with different numbers of workers run one after the other, by their `groupOrder`. */
const project = (
  name: string,
  include: string[],
  globalSetup: string,
  testTimeout: number,
  maxWorkers: number,
  groupOrder: number,
) => ({
  plugins: [sqlAsText],
  test: {
    name,
    include,
    globalSetup,
    testTimeout,
    maxWorkers,
    sequence: { groupOrder },
    hookTimeout: 120_000,
    pool: "forks" as const,
    isolate: false,
  },
});

const fast = ["test/**/*.test.ts"];

export default defineConfig({
  test: {
    // One file more than there are cores: some wait for a lease to end or an API to answer. Long ones measure.
    projects: [
      project("fast", fast, "test/support/embedded-cluster.ts", 60_000, cores + 1, 0),
      project("long", ["test/**/*.long.ts"], "test/support/embedded-cluster.ts", 900_000, cores, 1),
      project(
        "system",
        ["test/**/*.system.ts", ...fast],
        "test/support/system-cluster.ts",
        600_000,
        cores + 1,
        2,
      ),
    ],
  },
});
