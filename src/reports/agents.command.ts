import type { Column } from "../cli/output/index.ts";
import { type AgentNumbers, agentNumbers } from "./breakdowns.ts";
import { defineReport } from "./report.ts";

export default defineReport<AgentNumbers>({
  description:
    "What agents did: conversations, answers and how long people waited for them, satisfaction (1 to 5), time online; most\nconversations first. Without days it is this week. Times are in seconds in data; averages are those of an agent's days.",
  examples: ["adsapp report agents", "adsapp report agents --days 30 --by day --format csv"],
  window: "week",
  by: ["agent", "day"],
  read: (tx, { organizationId, window, by }) => agentNumbers(tx, organizationId, window, by === "day"),
  columns: (by) => (by === "day" ? [{ key: "date", as: "date" }, ...COLUMNS] : COLUMNS),
  bar: "totalConvos",
  empty: ({ since, until }) => `No agent did anything from ${since} to ${until}.`,
  sections: ["agents"],
});

const COLUMNS: Column<AgentNumbers>[] = [
  { key: "fullName", title: "Agent" },
  { key: "totalConvos", title: "Conversations" },
  { key: "avgResponse", title: "First answer", as: "seconds" },
  { key: "csat", title: "Satisfaction", as: "number" },
  { key: "messagesSent", title: "Messages" },
  { key: "avgNextResponse", title: "Any answer", as: "seconds", yields: 1 },
  { key: "avgResolution", title: "Resolved", as: "seconds", yields: 3 },
  { key: "onlineTime", title: "Online", as: "seconds", yields: 2 },
];
