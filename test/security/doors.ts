import fc from "fast-check";
import { expect } from "vitest";
import { z } from "zod";
import { audienceSchema } from "../../src/audience/audience.ts";
import { audienceCondition } from "../../src/audience/condition.ts";
import { conditionSchema } from "../../src/audience/condition-schema.ts";
import { broadcastSchema } from "../../src/campaigns/definition.ts";
import type { Database } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { checkDefinition } from "../../src/definitions/read.ts";
import { dripSchema } from "../../src/drips/definition.ts";
import { UserError } from "../../src/errors.ts";
import { ruleSchema } from "../../src/events/rule-definition.ts";
import { templateSchema } from "../../src/templates/definition.ts";
import { compileText } from "../../src/templates/liquid.ts";
import { readBody } from "../../src/webhooks/body.ts";
import { readCsv } from "../contacts/csv.ts";
import { audienceLike, conditionLike, csvBytes, liquidText, webhookBody, yamlText } from "./front-doors.ts";

/** The only way in which a door may say no: a UserError with exit code 2 and a message of bounded length. */
function expectRefusal(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
  expect(error.exitCode).toBe(2);
  expect(error.message.length).toBeLessThan(20_000);
}

/** A contacts file gives rows, rejected rows with a reason each, or one refusal; nothing is both. */
export const csvDoor = fc.asyncProperty(csvBytes, async (bytes) => {
  try {
    const { good, bad } = await readCsv(bytes);
    for (const row of bad) expect(row.reason.length).toBeGreaterThan(0);
    for (const row of good) expect(row.phone === null || /^\+[1-9]\d{6,14}$/.test(row.phone)).toBe(true);
  } catch (error) {
    expectRefusal(error);
  }
});

const SCHEMAS = [broadcastSchema, dripSchema, ruleSchema, templateSchema];

/** A definition's text gives a definition of that kind, or one refusal with every fault. */
export const yamlDoor = fc.property(yamlText, fc.constantFrom(...SCHEMAS), (text, schema) => {
  try {
    expect(checkDefinition("a.yaml", text, schema)).toHaveProperty("kind");
  } catch (error) {
    expectRefusal(error);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** What a definition's text makes of a value; undefined: it was refused. */
function taken<S extends z.ZodType>(value: unknown, schema: S): z.output<S> | undefined {
  const text = JSON.stringify({ value });
  try {
    return (checkDefinition("a.json", text, z.object({ value: schema })) as { value: z.output<S> }).value;
  } catch (error) {
    expectRefusal(error);
    return undefined;
  }
}

/** A condition is refused, or PostgreSQL judges every contact by it: true or false, and never an error. */
export const filterDoor = (database: Database, profileId: string) =>
  fc.asyncProperty(conditionLike, async (value) => {
    const where = taken(value, conditionSchema);
    if (where === undefined) return;
    const rows = await database.transaction(operator(profileId), (tx) =>
      tx.query<{ met: unknown }>("select adsapp_meets(c, $1::jsonb, null) as met from contacts c", [
        JSON.stringify(where),
      ]),
    );
    expect(rows.map(({ met }) => typeof met)).toEqual(["boolean", "boolean"]);
  });

/** An audience is refused, or is SQL that PostgreSQL runs under the walls, with every value a parameter. */
export const audienceDoor = (database: Database, profileId: string) =>
  fc.asyncProperty(audienceLike, async (value) => {
    const audience = taken(value, audienceSchema);
    if (audience === undefined) return;
    const { condition, parameters } = audienceCondition(audience, 1);
    for (const text of Object.values(value as object).flat())
      if (typeof text === "string" && text.includes("'")) expect(condition).not.toContain(text);
    const rows = await database.transaction(operator(profileId), (tx) =>
      tx.query(`select c.id from contacts c where (${condition})`, parameters),
    );
    expect(rows.length).toBeLessThanOrEqual(2);
  });

const SCOPE = {
  contact: { first_name: "Jan", phone: "+31612345678", attributes: { city: "Breda" } },
  organization: { name: "Jansen" },
  campaign: { name: "Actie" },
};

/** A text is refused, or is filled in to a text, or lacks something by name. */
export const liquidDoor = fc.asyncProperty(liquidText, async (text) => {
  try {
    const filled = (await compileText(text)).fill(SCOPE);
    if ("text" in filled) expect(filled.text.length).toBeLessThan(2_000_000);
    else expect(filled.missing.length).toBeGreaterThan(0);
  } catch (error) {
    expectRefusal(error);
  }
});

/** A body gives statuses, messages and notices, or an Error that says why not in a line. */
export const webhookDoor = fc.property(webhookBody, (body) => {
  try {
    const { statuses, inbound } = readBody(body);
    expect(statuses.length + inbound.length).toBeLessThan(100);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect(["TypeError", "RangeError", "ReferenceError"]).not.toContain((error as Error).name);
    expect((error as Error).message.length).toBeLessThan(500);
  }
});
