import type { HttpAnswer, HttpRequest } from "../http/serve.ts";
import { type Catalogue, listed } from "./catalogue.ts";
import { DISPLAY_PHONE_NUMBER } from "./change.ts";
import { type GraphFault, graphFault, unknownObject } from "./graph.ts";
import type { Settings } from "./options.ts";

const TEMPLATES_PATH = /^\/(v\d+\.0)\/(\d+)\/message_templates$/;
const NUMBER_PATH = /^\/v\d+\.0\/(\d+)$/;
const NUMBER_FIELDS = "id,display_phone_number,verified_name,quality_rating";
const TEMPLATE_FIELDS = "id,name,parameter_format,language,status,category,components";

/** Meta's words for a portfolio's limit (reference §4), the next one above ours. */
const TIERS = [
  [250, "TIER_250"],
  [2000, "TIER_2K"],
  [10_000, "TIER_10K"],
  [100_000, "TIER_100K"],
] as const;

/** The GETs of the management API: an account's templates, page by page, and what a phone number is (reference §6). */
export class Management {
  readonly #settings: Settings;
  readonly #catalogue: Catalogue;

  constructor(settings: Settings, catalogue: Catalogue) {
    this.#settings = settings;
    this.#catalogue = catalogue;
  }

  /** @returns undefined: not one of these */
  answer({ method, path, query, token }: HttpRequest): HttpAnswer | GraphFault | undefined {
    if (method !== "GET") return undefined;
    const [, version, account] = TEMPLATES_PATH.exec(path) ?? [];
    if (account !== undefined) {
      return account === this.#settings.wabaId
        ? this.#templates(query, `/${version}/${account}/message_templates`, token ?? "")
        : unknownObject(account);
    }
    const number = NUMBER_PATH.exec(path)?.[1];
    return number === undefined ? undefined : this.#number(number, query.get("fields") ?? NUMBER_FIELDS);
  }

  /** The cursor is where the page begins, as text that says nothing to a client. */
  #templates(query: URLSearchParams, path: string, token: string): HttpAnswer | GraphFault {
    const limit = Number(query.get("limit") ?? this.#settings.pageSize);
    if (!Number.isInteger(limit) || limit < 1)
      return graphFault(100, "(#100) limit must be a positive number.");
    const size = Math.min(limit, this.#settings.pageSize);
    const start = cursorOf(query.get("after"));
    if (start === undefined) return graphFault(100, "Invalid cursor", { plainData: true });
    const isWanted = (field: string, value: string) => [null, value].includes(query.get(field));
    const wanted = this.#catalogue
      .all()
      .filter(({ name, status }) => isWanted("name", name) && isWanted("status", status));
    const fields = (query.get("fields") ?? TEMPLATE_FIELDS).split(",");
    const page = wanted.slice(start, start + size).map((template) => listed(template, fields));
    const cursors = { before: cursor(start), after: cursor(start + page.length) };
    const hasMore = start + page.length < wanted.length;
    const next = new URLSearchParams(query);
    next.set("after", cursors.after);
    next.set("access_token", token); // as Meta's links have it: whoever logs them, logs the token
    const paging = hasMore ? { cursors, next: `https://graph.facebook.com${path}?${next}` } : { cursors };
    return json({ data: page, ...(page.length === 0 ? {} : { paging }) });
  }

  #number(id: string, fields: string): HttpAnswer | GraphFault {
    const { phoneNumberIds, throughputPerSecond = 80, portfolioLimit } = this.#settings;
    if (phoneNumberIds?.includes(id) === false) return unknownObject(id);
    const all: Record<string, unknown> = {
      id,
      display_phone_number: `+${DISPLAY_PHONE_NUMBER}`,
      verified_name: "Simulator",
      name_status: "APPROVED",
      quality_rating: "GREEN",
      status: "CONNECTED",
      throughput: { level: throughputPerSecond > 80 ? "HIGH" : "STANDARD" },
      whatsapp_business_manager_messaging_limit:
        TIERS.find(([most]) => (portfolioLimit ?? Number.POSITIVE_INFINITY) <= most)?.[1] ?? "TIER_UNLIMITED",
    };
    const wanted = [...new Set(["id", ...fields.split(",")])];
    const unknown = wanted.find((field) => !Object.hasOwn(all, field));
    if (unknown !== undefined) return graphFault(100, `Tried accessing nonexisting field (${unknown})`);
    return json(Object.fromEntries(wanted.map((field) => [field, all[field]])));
  }
}

function json(value: object): HttpAnswer {
  return { httpStatus: 200, body: JSON.stringify(value) };
}

function cursor(at: number): string {
  return Buffer.from(`at:${at}`).toString("base64url");
}

function cursorOf(text: string | null): number | undefined {
  if (text === null) return 0;
  const at = /^at:(\d+)$/.exec(Buffer.from(text, "base64url").toString())?.[1];
  return at === undefined ? undefined : Number(at);
}
