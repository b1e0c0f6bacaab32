import type { Column } from "../cli/output/index.ts";
import type { Agent } from "./agents.ts";
import type { Conversation, ConversationDetails, ThreadMessage } from "./conversations.ts";

export const listColumns: Column<Conversation>[] = [
  { key: "id" },
  { key: "phone", as: "phone" },
  { key: "name" },
  { key: "status" },
  { key: "agent" },
  { key: "source", table: false },
  { key: "waitingSince", as: "time" },
  { key: "openedAt", title: "Opened", as: "time" },
  { key: "firstResponseAt", as: "time", table: false },
  { key: "resolvedAt", as: "time", table: false },
  { key: "rating", table: false },
  { key: "lastMessage", as: "text" },
  { key: "lastMessageAt", as: "time", table: false },
];

export const showColumns: Column<ConversationDetails>[] = [
  { key: "id" },
  { key: "contactId", title: "Contact" },
  { key: "phone", as: "phone" },
  { key: "name" },
  { key: "status" },
  { key: "agent" },
  { key: "source" },
  { key: "sourceType", table: false },
  { key: "openedAt", title: "Opened", as: "time" },
  { key: "waitingSince", as: "time" },
  { key: "firstResponseAt", title: "First response", as: "time" },
  { key: "resolvedAt", title: "Resolved", as: "time" },
  { key: "windowClosesAt", title: "Window closes", as: "time" },
  { key: "rating" },
  { key: "comment" },
  { key: "messages", table: false },
];

export const threadColumns: Column<ThreadMessage>[] = [
  { key: "at", as: "time" },
  { key: "direction" },
  { key: "by" },
  { key: "type" },
  { key: "body", as: "text" },
  { key: "status" },
  { key: "error" },
];

export const agentColumns: Column<Agent>[] = [
  { key: "id", table: false },
  { key: "email" },
  { key: "fullName", title: "Name" },
  { key: "role" },
  { key: "onlineSince", as: "time" },
  { key: "openConversations", title: "Conversations" },
  { key: "waiting" },
];
