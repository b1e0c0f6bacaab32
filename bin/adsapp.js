#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

const program = new URL("../dist/cli.js", import.meta.url);
if (existsSync(program)) {
  module.enableCompileCache?.();
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error("adsapp: not built yet. Run: npm run build");
  process.exitCode = 1;
}
