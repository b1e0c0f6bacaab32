import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { pageSize } from "../contacts/page-size.ts";
import { findAgent } from "./agents.ts";
import { listColumns } from "./columns.ts";
import { listConversations, STATUSES, type Status } from "./conversations.ts";

interface Options {
  status?: Status | "all";
  agent?: string;
  waiting?: boolean;
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "The inbox: conversations that are not closed, whoever has waited longest first. A message from a person opens one or joins the open one;\nclosed ones are listed with --status closed.",
  examples: [
    "adsapp conversation list --waiting",
    "adsapp conversation list --status closed --agent anna@jansen.example --format csv",
  ],
  declare(command) {
    command
      .addOption(new Option("--status <status>", "only these").choices([...STATUSES, "all"]))
      .option("--agent <email>", "only this agent's; none: nobody's")
      .option("--waiting", "only those that wait for an answer")
      .option("--limit <n>", "how many", pageSize, 50);
  },
  async run(context, { status, agent, waiting, limit }) {
    const { id } = await context.organization();
    const conversations = await context.operator(async (tx) => {
      const agentId = agent === undefined || agent === "none" ? agent : await findAgent(tx, id, agent);
      return listConversations(tx, id, { statuses: statusesOf(status), agentId, waiting, limit });
    });
    await context.out.list(conversations, listColumns, { empty: "No conversations." });
  },
});

function statusesOf(status: Options["status"]): Status[] | undefined {
  if (status === "all") return undefined;
  return status === undefined ? ["open", "assigned"] : [status];
}
