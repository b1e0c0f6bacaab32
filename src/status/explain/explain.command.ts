import { defineCommand } from "../../cli/command.ts";
import type { Column } from "../../cli/output/index.ts";
import { type Explanation, explain } from "./explain.ts";
import type { Gate } from "./gate.ts";
import type { Happening } from "./history.ts";

interface Options {
  contact: string;
  campaign: string;
}

export default defineCommand<[], Options>({
  description:
    "Why a person gets, or does not get, a message of a broadcast or a drip: every gate in the order in which a tick comes to them, with its\nverdict (pass, wait, stop), why, and when that changes by itself; then what happened so far. By the SQL of the sending itself; it\nwrites nothing.",
  examples: [
    'adsapp explain --contact "06 12345678" --campaign "Black Friday Sale"',
    'adsapp explain --contact +31612345678 --campaign "Nieuwe Lead Opvolging" --format json',
  ],
  declare(command) {
    command
      .requiredOption("--contact <phone>", "whom (phone in any spelling, or id)")
      .requiredOption("--campaign <name>", "of which broadcast or drip (name or id)");
  },
  async run(context, { contact, campaign }) {
    const { out } = context;
    const organization = await context.organization();
    const [database, identity] = [await context.database(), await context.identity()];
    const explanation = await explain(database, identity, organization, { contact, campaign });
    if (out.format === "json") return out.record(explanation, columns);
    await out.list(explanation.gates, gateColumns);
    if (out.format !== "table") return;
    if (explanation.history.length > 0) out.print("");
    await out.list(explanation.history, historyColumns);
    out.print("");
    await out.record(explanation, conclusionColumns);
  },
});

const columns: Column<Explanation>[] = [
  { key: "contactId" },
  { key: "campaign" },
  { key: "kind" },
  { key: "status" },
  { key: "verdict" },
  { key: "reason" },
  { key: "until" },
  { key: "gates" },
  { key: "history" },
];

const conclusionColumns: Column<Explanation>[] = [
  { key: "verdict", title: "All in all" },
  { key: "reason", title: "Because" },
  { key: "until", as: "time" },
];

const gateColumns: Column<Gate>[] = [
  { key: "gate" },
  { key: "verdict" },
  { key: "until", as: "time" },
  { key: "reason", title: "Why" },
];

const historyColumns: Column<Happening>[] = [
  { key: "at", title: "When", as: "time" },
  { key: "step" },
  { key: "what" },
  { key: "attempt" },
  { key: "detail" },
];
