#!/usr/bin/env node
// CommonJS, as bin/package.json says: Node's loader for modules costs a tenth of an idle tick.
const { loadProgram } = require("./load.cjs");

const program = loadProgram();
if (program === undefined) {
  console.error("adsapp: not built yet. Run: npm run build");
  process.exitCode = 1;
} else {
  program.main(process.argv.slice(2)).then((exitCode) => {
    process.exitCode = exitCode;
  });
}
