// Run by the build: leaves the compiled code of an idle tick beside the program. A tick that finds no database has gone the
// whole way to its first question.
const { writeFileSync } = require("node:fs");
const { CACHE, loadProgram } = require("./load.cjs");

const { main, script } = loadProgram();
main(["tick"], { ...process.env, DATABASE_URL: "postgresql://127.0.0.1:1/nowhere" }).then(() =>
  writeFileSync(CACHE, script.createCachedData()),
);
