import type { Column } from "../cli/output/index.ts";
import type { Contact, ContactDetails } from "./contacts.ts";

export const listColumns: Column<Contact>[] = [
  { key: "id", table: false },
  { key: "phone", as: "phone" },
  { key: "bsuid", table: false },
  { key: "firstName" },
  { key: "lastName" },
  { key: "email" },
  { key: "language", table: false },
  { key: "timezone", table: false },
  { key: "tags", as: "list" },
  { key: "lists", as: "list", table: false },
  { key: "attributes", table: false },
  { key: "optedInAt", as: "time", table: false },
  { key: "optInSource", table: false },
  { key: "optedOutAt", title: "Opted out", as: "time" },
  { key: "optOutSource", table: false },
  { key: "blockedAt", as: "time", table: false },
  { key: "lastInboundAt", as: "time", table: false },
  { key: "createdAt", title: "Created", as: "time" },
];

export const showColumns: Column<ContactDetails>[] = [
  { key: "id" },
  ...(listColumns.slice(1, 8) as Column<ContactDetails>[]).map((column) => ({ ...column, table: true })),
  { key: "tags", as: "list" },
  { key: "lists", as: "list" },
  { key: "attributes" },
  { key: "optedInAt", as: "time" },
  { key: "optInSource" },
  { key: "optedOutAt", as: "time" },
  { key: "optOutSource" },
  { key: "blockedAt", as: "time" },
  { key: "undeliverableAt", as: "time" },
  { key: "erasedAt", as: "time" },
  { key: "lastInboundAt", as: "time" },
  { key: "importedFrom" },
  { key: "createdAt", as: "time" },
  { key: "evidence", table: false },
  { key: "history", table: false },
];
