import type { Column } from "../cli/output/index.ts";
import type { Sender } from "./senders.ts";

export const listColumns: Column<Sender>[] = [
  { key: "id", table: false },
  { key: "name" },
  { key: "provider" },
  { key: "phoneNumberId", title: "Number id" },
  { key: "throughputPerSecond", title: "Per second" },
  { key: "isDefault", title: "Default" },
  { key: "state" },
  { key: "haltReason", title: "Why" },
];

export const showColumns: Column<Sender>[] = [
  { key: "id" },
  ...listColumns.slice(1, 3),
  { key: "phoneNumberId", title: "Number id" },
  { key: "displayPhone", title: "Phone" },
  { key: "wabaId", title: "WABA id" },
  { key: "verifiedName" },
  { key: "quality", title: "Quality" },
  { key: "qualityAt", as: "time" },
  { key: "portfolio" },
  { key: "messagingLimit", title: "Messaging limit" },
  { key: "ownLimit", title: "Limit set here" },
  { key: "apiUrl", title: "API URL" },
  { key: "tokenEnv", title: "Token variable" },
  { key: "tokenFile" },
  { key: "appSecretEnv", title: "App secret variable" },
  { key: "throughputPerSecond", title: "Per second" },
  { key: "isDefault", title: "Default" },
  { key: "state" },
  { key: "haltReason", title: "Halted because" },
  { key: "haltedAt", as: "time" },
  { key: "slowedAt", title: "Slowed down", as: "time" },
  { key: "restsUntil", title: "Rests until", as: "time" },
  { key: "fullRateAt", title: "At its full rate", as: "time" },
  { key: "laneHolder", title: "Lane held by" },
  { key: "laneExpiresAt", title: "Lease until", as: "time" },
  { key: "createdAt", title: "Created", as: "time" },
];
