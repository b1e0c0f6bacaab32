import type { Column } from "../cli/output/index.ts";
import type { Organization } from "./organization.ts";
import type { OrganizationDetails } from "./settings.ts";

export const organizationColumns: Column<Organization>[] = [
  { key: "id" },
  { key: "slug" },
  { key: "name" },
  { key: "timezone" },
  { key: "defaultCountry", title: "Country" },
];

export const detailColumns: Column<OrganizationDetails>[] = [
  { key: "id", table: false },
  { key: "slug" },
  { key: "name" },
  { key: "timezone" },
  { key: "defaultCountry", title: "Country" },
  { key: "businessHours", table: false },
  { key: "frequencyCap" },
  { key: "optOutConfirmation", title: "Answer to a STOP", table: false },
  { key: "survey" },
  { key: "retention" },
  { key: "pausedAt", title: "Paused", as: "time" },
  { key: "createdAt", title: "Created", as: "time" },
];
