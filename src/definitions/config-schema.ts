import { z } from "zod";
import type { ConfigFile } from "../config.ts";
import { strictObject } from "./strict.ts";

/** `$ADSAPP_HOME/config.json`, for editors: config.ts reads it without zod, which a tick does not load. */
export const configSchema = strictObject({
  $schema: z.string().describe("Where this schema is, for editors").optional(),
  organization: z.string().describe("Slug of the organization to work in (ADSAPP_ORG)").optional(),
  user: z.string().describe("E-mail of the profile that acts (ADSAPP_USER)").optional(),
  databaseUrl: z.string().describe("PostgreSQL (DATABASE_URL); left out: the embedded one").optional(),
} satisfies Record<keyof ConfigFile | "$schema", z.ZodType>);
