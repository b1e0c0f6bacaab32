import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";
import type { HttpAnswer, HttpRequest } from "../http/serve.ts";
import type { Catalogue } from "./catalogue.ts";
import { messagesChange } from "./change.ts";
import type { Json } from "./content.ts";
import { wamidOf } from "./fate.ts";
import type { Settings } from "./options.ts";
import type { Persons } from "./persons.ts";
import type { Telling } from "./telling.ts";
import { webhookError } from "./webhook-error.ts";

const written = strictObject({
  from: z
    .string()
    .regex(/^(\+\d{7,15}|[A-Z]{2}\.[A-Za-z0-9.]{1,132})$/, "a phone as +31612345678, or a user id"),
  phoneNumberId: z.string().regex(/^\d+$/),
  text: z.string().min(1).max(4096),
  /** a quick reply that was tapped: its payload */
  payload: z.string().min(1).max(256).optional(),
  /** what Meta does not show, such as poll_creation: the text stands in the ledger alone */
  unsupported: z.string().min(1).max(50).optional(),
  contextId: z.string().min(1).optional(),
});

const templateStatus = strictObject({
  name: z.string(),
  language: z.string(),
  status: z.enum(["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"]),
});

const accountError = strictObject({ phoneNumberId: z.string().regex(/^\d+$/), code: z.int().min(1) });

const UNSUPPORTED = 131051;

/** What happens at Meta's side by hand: `POST /simulator/messages`, `/simulator/templates`, `/simulator/errors`. No token. */
export class Control {
  readonly #settings: Settings;
  readonly #catalogue: Catalogue;
  readonly #persons: Persons;
  readonly #telling: Telling;
  #messages = 0;

  constructor(settings: Settings, catalogue: Catalogue, persons: Persons, telling: Telling) {
    this.#settings = settings;
    this.#catalogue = catalogue;
    this.#persons = persons;
    this.#telling = telling;
  }

  /** @returns undefined: not one of these */
  answer({ method, path, body }: HttpRequest): HttpAnswer | undefined {
    if (method !== "POST" || !path.startsWith("/simulator/")) return undefined;
    const given = parsed(body);
    switch (path) {
      case "/simulator/messages":
        return checked(written, given, (message) => this.#write(message));
      case "/simulator/templates":
        return checked(templateStatus, given, (template) => this.#setStatus(template));
      case "/simulator/errors":
        return checked(accountError, given, ({ phoneNumberId, code }) => this.tellError(phoneNumberId, code));
      default:
        return said(404, { error: `nothing is at ${path}` });
    }
  }

  /** An error of the account, without a message (reference §5.5). */
  tellError(phoneNumberId: string, code: number): HttpAnswer {
    this.#tellNews(messagesChange(phoneNumberId, { errors: [webhookError(code)] }) as News);
    return said(200, { told: true });
  }

  #write({ from, phoneNumberId, contextId, ...what }: Written): HttpAnswer {
    const { text } = what;
    const at = this.#settings.now();
    const wamid = wamidOf(this.#settings.seed, phoneNumberId, `from ${from}`, text, ++this.#messages);
    const person = this.#persons.person(from);
    this.#telling.plan(
      { kind: "message", phoneNumberId, wamid, person, at, content: contentOf(what), text, contextId },
      at.getTime(),
    );
    return said(200, { id: wamid });
  }

  #setStatus({ name, language, status }: z.infer<typeof templateStatus>): HttpAnswer {
    const template = this.#catalogue.setStatus(name, language, status);
    if (template === undefined) return said(404, { error: `there is no template ${name} in ${language}` });
    this.#tellNews({
      field: "message_template_status_update",
      value: {
        event: status,
        message_template_id: Number(template.id),
        message_template_name: name,
        message_template_language: language,
        reason: status === "REJECTED" ? "INVALID_FORMAT" : "NONE",
        message_template_category: template.category,
      },
    });
    return said(200, { id: template.id, status });
  }

  #tellNews(news: News): void {
    this.#telling.plan({ kind: "news", ...news }, this.#settings.now().getTime());
  }
}

type Written = z.infer<typeof written>;

function contentOf({ text, payload, unsupported }: Pick<Written, "text" | "payload" | "unsupported">): Json {
  if (unsupported !== undefined)
    return {
      type: "unsupported",
      unsupported: { type: unsupported },
      errors: [webhookError(UNSUPPORTED)],
    };
  return payload === undefined
    ? { type: "text", text: { body: text } }
    : { type: "button", button: { payload, text } };
}

interface News {
  field: string;
  value: Json;
}

function checked<S extends z.ZodType>(
  schema: S,
  given: unknown,
  work: (value: z.output<S>) => HttpAnswer,
): HttpAnswer {
  const read = schema.safeParse(given);
  if (read.success) return work(read.data);
  return said(400, {
    error: read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
  });
}

function parsed(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

function said(httpStatus: number, value: object): HttpAnswer {
  return { httpStatus, body: JSON.stringify(value) };
}
