import type { Column, Output } from "../../cli/output/index.ts";
import { ExitCode } from "../../errors.ts";
import type { Diagnosis, Finding } from "./finding.ts";

/** What was found, and 1 where something is broken. */
export async function showDiagnosis(out: Output, diagnosis: Diagnosis): Promise<ExitCode> {
  if (out.format === "json") await out.record(diagnosis, columns);
  else await out.list(diagnosis.findings, findingColumns);
  return diagnosis.ok ? ExitCode.Done : ExitCode.Failed;
}

const columns: Column<Diagnosis>[] = [{ key: "ok" }, { key: "findings" }];

const findingColumns: Column<Finding>[] = [
  { key: "verdict" },
  { key: "check" },
  { key: "subject", title: "Of" },
  { key: "found" },
  { key: "mend", title: "What mends it" },
];
