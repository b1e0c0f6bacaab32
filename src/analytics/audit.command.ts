import { defineCommand } from "../cli/command.ts";
import type { Output } from "../cli/output/index.ts";
import { ExitCode } from "../errors.ts";
import { type Audit, audit } from "./audit.ts";

export default defineCommand({
  description:
    "Proves the ledger of every organization (or the one of --org): audience = messages in all states, counters equal rows,\nnobody was messaged after an opt-out or past a limit, nothing hangs, every table keeps its wall. Changes nothing.\nEnds with 1 when a check does not hold; examples of what is wrong go to stderr.",
  examples: ["adsapp audit", "adsapp audit --org jansen --format json"],
  scope: "all",
  async run(context) {
    const organizationId = context.organizationGiven ? (await context.organization()).id : null;
    const result = await context.worker((tx) => audit(tx, organizationId));
    await print(context.out, result);
    return result.ok ? ExitCode.Done : ExitCode.Failed;
  },
});

async function print(out: Output, result: Audit): Promise<void> {
  const checks = result.checks.map(({ name, ok, violations }) => ({ name, ok, violations }));
  if (out.format === "json") await out.record({ ok: result.ok, checks }, [{ key: "ok" }, { key: "checks" }]);
  else await out.list(checks, [{ key: "name", title: "Check" }, { key: "ok" }, { key: "violations" }]);
  for (const { name, violations, examples } of result.checks.filter((check) => !check.ok)) {
    out.warn(`${name}: ${violations} ${violations === 1 ? "violation" : "violations"}`);
    for (const example of examples) out.say(`  ${example}`);
    if (violations > examples.length) out.say(`  … and ${violations - examples.length} more`);
  }
  if (result.sentAgain > 0) {
    out.say(
      `${result.sentAgain} ${result.sentAgain === 1 ? "message was" : "messages were"} sent again after an unknown outcome (onUnknown: retry), and the first had arrived too.`,
    );
  }
}
