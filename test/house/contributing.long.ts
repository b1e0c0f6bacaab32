import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { runScript, scriptOf } from "./scripts.ts";

const BUILT_OR_BROUGHT = new Set(["node_modules", "dist", ".git"]);

/** A checkout of one's own; what npm brought is shared. */
function copyCheckout(folder: string): void {
  for (const name of readdirSync(packageRoot()))
    if (!BUILT_OR_BROUGHT.has(name))
      cpSync(join(packageRoot(), name), join(folder, name), { recursive: true });
  symlinkSync(join(packageRoot(), "node_modules"), join(folder, "node_modules"));
}

it("docs/contributing.md: a newcomer adds a command, a migration, an error code and a trigger by its walks", async () => {
  const { code, output } = await runScript(scriptOf("docs/contributing.md"), { prepare: copyCheckout });
  expect(code, output).toBe(0);
  expect(output).toMatch(/Contacts +1.000\nReachable +975/);
  expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  expect(output).toMatch(
    /\| 131065 \| This account may not .* \| STOP_CAMPAIGN \| The template cannot be used/,
  );
  expect(output).toMatch(/\+31630251128 .*former/);
});
