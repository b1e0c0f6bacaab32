import { defineConfig, type Plugin } from "vitest/config";

/** `import queries from "./x.sql"` gives the file's text, as esbuild's text loader does in the build. */
const sqlAsText: Plugin = {
  name: "sql-as-text",
  enforce: "pre",
  transform(code, id) {
    return id.endsWith(".sql") ? { code: `export default ${JSON.stringify(code)};`, map: null } : undefined;
  },
};

const project = (name: string, include: string[], globalSetup: string, testTimeout: number) => ({
  plugins: [sqlAsText],
  test: {
    name,
    include,
    globalSetup,
    testTimeout,
    hookTimeout: 120_000,
    pool: "forks" as const,
    isolate: false,
  },
});

const fast = ["test/**/*.test.ts"];

export default defineConfig({
  test: {
    // most tests wait for processes and for PostgreSQL
    maxWorkers: "200%",
    projects: [
      project("fast", fast, "test/support/embedded-cluster.ts", 60_000),
      project("long", ["test/**/*.long.ts"], "test/support/embedded-cluster.ts", 900_000),
      project("system", ["test/**/*.system.ts", ...fast], "test/support/system-cluster.ts", 600_000),
    ],
  },
});
