const { existsSync, readFileSync } = require("node:fs");
const { Module, createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const DIST = join(__dirname, "..", "dist");
const CORE = join(DIST, "chunks", "core.cjs");

/** Where the build leaves the compiled code of the core. */
const CACHE = join(DIST, "core.cache");

/**
 * The bundled program. Its core, all that an idle tick runs, comes with the code that the build compiled: another Node than
 * the one that built refuses it and compiles as ever.
 * @returns what the program exports, and the script of its core; undefined when it is not built
 */
function loadProgram() {
  loaded ??= load(); // once a process: what its other parts have of the core is this one's
  return loaded;
}

let loaded;

function load() {
  if (!existsSync(CORE)) return undefined;
  const core = new Module(CORE);
  const script = new Script(Module.wrap(readFileSync(CORE, "utf8")), {
    filename: CORE,
    cachedData: existsSync(CACHE) ? readFileSync(CACHE) : undefined,
  });
  require.cache[CORE] = core;
  script.runInThisContext()(core.exports, createRequire(CORE), core, CORE, dirname(CORE));
  core.loaded = true;
  return { main: core.exports.main, script };
}

module.exports = { CACHE, loadProgram };
