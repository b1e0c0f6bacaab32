import type { Column } from "../cli/output/index.ts";
import type { Token } from "./tokens.ts";

export const tokenColumns: Column<Token>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "createdAt", title: "Since", as: "time" },
  { key: "lastUsedAt", title: "Last used", as: "time" },
  { key: "revokedAt", title: "Revoked", as: "time" },
];
