import type { PhoneReader } from "../contacts/phone.ts";
import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import type { HttpAnswer, HttpRequest } from "../http/serve.ts";
import { tokenOwner } from "../organizations/tokens.ts";
import { type BadLine, readEvent, TOLD_TYPES, type ToldEvent, type ToldType } from "./event.ts";
import { storeEvents } from "./import.ts";

const EVENTS_AT_ONCE = 1_000;

interface TypedEvent {
  type: ToldType;
  told: ToldEvent | BadLine;
}

/**
 * `POST /events`: an organization's own programs tell what happened, one event as a JSON object or up to a thousand in a
 * list, with the fields of `event import` and `"type": "api"` for api triggers. Stored, then answered 202; a malformed one
 * stops them all, so that the caller can mend and send again; an event id that is known changes nothing.
 */
export class EventReceiver {
  readonly #database: Database;
  readonly #phoneReaders = new Map<string, Promise<PhoneReader>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** A token that is missing, wrong or revoked learns nothing: not even whether the body was right. */
  async answer({ token, body }: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#database.transaction(worker, async (tx) => {
        const owner = token === undefined ? undefined : await tokenOwner(tx, token);
        if (owner === undefined) return said(401, { error: "no token that is in use here" });
        if (body === undefined) return said(413, { error: "larger than 4 MB" });
        return this.#store(tx, owner, body);
      });
    } catch {
      return said(503, { error: "not stored: send it again" });
    }
  }

  async #store(
    tx: Transaction,
    owner: { organizationId: string; defaultCountry: string },
    body: Buffer,
  ): Promise<HttpAnswer> {
    const values = valuesOf(body);
    if (typeof values === "string") return said(400, { error: values });
    const readPhone = await this.#phoneReader(owner.defaultCountry);
    const events = values.map((value, n) => typed(n, value, readPhone));
    const bad = events.flatMap(({ told }) =>
      "reason" in told ? [{ event: told.line, reason: told.reason }] : [],
    );
    if (bad.length > 0) return said(400, { error: "nothing was stored", events: bad.slice(0, 20) });
    const report = { stored: 0, duplicates: 0, unknown: [] as number[] };
    for (const type of TOLD_TYPES) {
      const told = events.filter((event) => event.type === type).map((event) => event.told as ToldEvent);
      if (told.length === 0) continue;
      const { stored, unknown } = await storeEvents(tx, owner.organizationId, told, type);
      report.stored += stored;
      report.unknown.push(...unknown);
      report.duplicates += told.length - stored - unknown.length;
    }
    return said(202, report);
  }

  #phoneReader(country: string): Promise<PhoneReader> {
    let reader = this.#phoneReaders.get(country);
    if (reader === undefined) {
      reader = import("../contacts/phone.ts").then(({ phoneReader }) => phoneReader(country));
      this.#phoneReaders.set(country, reader);
    }
    return reader;
  }
}

/** The events of a body, or why there are none. */
function valuesOf(body: Buffer): unknown[] | string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return "the body is no JSON";
  }
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) return "the list is empty";
  return values.length > EVENTS_AT_ONCE ? `more than ${EVENTS_AT_ONCE} events in one request` : values;
}

/** One as a line of a file tells it, from 0; its type stands beside it here. */
function typed(n: number, value: unknown, readPhone: PhoneReader): TypedEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { type: "custom_event", told: { line: n, reason: "is no JSON object" } };
  const { type = "custom_event", ...rest } = value as Record<string, unknown>;
  if (!(TOLD_TYPES as readonly unknown[]).includes(type))
    return { type: "custom_event", told: { line: n, reason: `type must be ${TOLD_TYPES.join(" or ")}` } };
  return { type: type as ToldType, told: readEvent(n, JSON.stringify(rest), readPhone) };
}

function said(httpStatus: number, body: object): HttpAnswer {
  return { httpStatus, body: JSON.stringify(body) };
}
