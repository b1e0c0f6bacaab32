import type { Column } from "../cli/output/index.ts";
import type { User } from "./users.ts";

export const userColumns: Column<User>[] = [
  { key: "id", table: false },
  { key: "email" },
  { key: "fullName", title: "Name" },
  { key: "role" },
  { key: "createdAt", title: "Since", as: "time" },
];
