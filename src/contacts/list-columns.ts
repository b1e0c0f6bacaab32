import type { Column } from "../cli/output/index.ts";
import type { ContactList } from "./lists.ts";

export const contactListColumns: Column<ContactList>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "description" },
  { key: "members" },
  { key: "filter" },
  { key: "createdAt", title: "Created", as: "time" },
];
