import type { Column } from "../cli/output/index.ts";
import type { Template } from "./templates.ts";

export const templateColumns: Column<Template>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "language" },
  { key: "category" },
  { key: "status" },
  { key: "parameterFormat", title: "Parameters" },
  { key: "variables", as: "list" },
  { key: "quality" },
  { key: "statusReason", table: false },
  { key: "statusAt", as: "time", table: false },
  { key: "staleAt", as: "time", table: false },
  { key: "rejectedReason", table: false },
  { key: "updatedAt", title: "Updated", as: "time" },
];
