import type { Column } from "../cli/output/index.ts";
import type { Source } from "./sources.ts";

export const sourceColumns: Column<Source>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "type" },
  { key: "code" },
  { key: "text", table: false },
  { key: "campaign" },
  { key: "adIds", as: "list", table: false },
  { key: "conversations" },
  { key: "recent" },
  { key: "today" },
  { key: "byDay", table: false },
  { key: "createdAt", title: "Created", as: "time", table: false },
];
