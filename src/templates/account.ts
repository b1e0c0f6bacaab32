import { z } from "zod";
import { ExitCode, UserError } from "../errors.ts";
import { withDeadline } from "../http/deadline.ts";

/** A WhatsApp Business Account, and how to ask it. */
export interface Account {
  wabaId: string;
  /** origin and version */
  apiUrl: string;
  token: string;
  /** what messages call it */
  sender: string;
  /** what is asked, for messages; undefined: the account */
  subject?: string;
}

const FIELDS = "id,name,language,status,category,parameter_format,quality_score,rejected_reason,components";
const PAGE = 100;
const MOST_PAGES = 1000;
const DEADLINE_MS = 60_000;
/** A hundred templates with ten buttons each are some 500 kB. */
const CAP_BYTES = 8 * 1024 * 1024;

/** What Meta lists; fields that we do not know are left out (reference §6). */
const listedTemplate = z.object({
  id: z.coerce.string(),
  name: z.string(),
  language: z.string().transform((code) => code.replace("-", "_")),
  status: z.string(),
  category: z.string(),
  parameter_format: z.string().optional(),
  quality_score: z.object({ score: z.string().optional() }).nullish(),
  rejected_reason: z.string().nullish(),
  components: z.array(z.looseObject({ type: z.string() })),
});

export type ListedTemplate = z.infer<typeof listedTemplate>;

const pageSchema = z.object({
  data: z.array(listedTemplate),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
});

const errorSchema = z.object({
  error: z.object({ code: z.number(), error_subcode: z.number().optional(), message: z.string().optional() }),
});

/**
 * All templates of an account, page after page until Meta names no next one. The link to the next page holds the token:
 * only its cursor is used.
 * @param signal gives up at once
 * @param milliseconds for all of its pages, to their last byte
 * @throws UserError that names the account, never the token: (75) when it may go well later, (1) when it needs a person
 */
export function templatesOf(
  account: Account,
  signal: AbortSignal,
  milliseconds = DEADLINE_MS,
): Promise<ListedTemplate[]> {
  return withDeadline(signal, milliseconds, (deadline) => allPages(account, deadline));
}

async function allPages(account: Account, deadline: AbortSignal): Promise<ListedTemplate[]> {
  const templates: ListedTemplate[] = [];
  const seen = new Set<string>();
  let after: string | undefined;
  do {
    const { data, paging } = await page(account, after, deadline);
    templates.push(...data);
    after = paging?.next === undefined ? undefined : paging.cursors?.after;
    if (after !== undefined && (seen.has(after) || seen.size === MOST_PAGES))
      throw fault(account, "the pages of the list do not end", ExitCode.TryAgain);
    seen.add(after ?? "");
  } while (after !== undefined);
  return templates;
}

async function page(account: Account, after: string | undefined, signal: AbortSignal) {
  const query = new URLSearchParams({
    fields: FIELDS,
    limit: String(PAGE),
    ...(after === undefined ? {} : { after }),
  });
  const path = `/${account.wabaId}/message_templates?${query}`;
  return (await read(account, path, pageSchema, signal)).data;
}

const numberSchema = z.object({
  display_phone_number: z.string(),
  verified_name: z.string().nullish(),
  quality_rating: z.string().nullish(),
});

/** What Meta says of a phone number, and what its clock said then. */
export interface NumberState {
  displayPhone: string;
  verifiedName: string | null;
  /** GREEN, YELLOW, RED or UNKNOWN */
  quality: string | null;
  /** the Date header, to the second; null: there was none */
  saidAt: Date | null;
}

/**
 * Asks for a phone number: whether the token is taken, and how the number stands (reference §6).
 * @throws UserError as templatesOf
 */
export async function numberOf(
  account: Account,
  phoneNumberId: string,
  signal: AbortSignal,
): Promise<NumberState> {
  const path = `/${phoneNumberId}?fields=display_phone_number,verified_name,quality_rating`;
  const asked = { ...account, subject: `number ${phoneNumberId}` };
  const { data, date } = await read(asked, path, numberSchema, signal);
  const saidAt = new Date(date);
  return {
    displayPhone: data.display_phone_number,
    verifiedName: data.verified_name ?? null,
    quality: data.quality_rating ?? null,
    saidAt: Number.isNaN(saidAt.getTime()) ? null : saidAt,
  };
}

async function read<T>(account: Account, path: string, schema: z.ZodType<T>, signal: AbortSignal) {
  const { httpStatus, json, date } = await ask(account, path, signal);
  const answer = schema.safeParse(json);
  if (httpStatus === 200 && answer.success) return { data: answer.data, date };
  const refused = errorSchema.safeParse(json);
  if (refused.success) throw refusal(account, refused.data.error);
  throw fault(account, `HTTP ${httpStatus} that cannot be read`, ExitCode.TryAgain);
}

/** One GET; redirects are not followed, so that the token goes nowhere else. */
async function ask(account: Account, path: string, signal: AbortSignal) {
  const { request } = await import("undici");
  try {
    const { statusCode, headers, body } = await request(`${account.apiUrl}${path}`, {
      headers: { authorization: `Bearer ${account.token}` },
      signal,
    });
    let text = "";
    body.setEncoding("utf8");
    for await (const chunk of body as AsyncIterable<string>) {
      text += chunk;
      if (text.length > CAP_BYTES) throw Object.assign(new Error(), { code: "an answer that is too long" });
    }
    return { httpStatus: statusCode, json: parsed(text), date: String(headers.date ?? "") };
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const reason = name === "TimeoutError" ? "no answer in time" : (code ?? name);
    throw fault(account, String(reason), ExitCode.TryAgain);
  }
}

/** PostgreSQL takes no NUL and no half of a surrogate pair. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === "string" ? value.replaceAll("\u0000", "").toWellFormed() : value,
    );
  } catch {
    return undefined;
  }
}

const LATER = new Set([1, 2, 4, 613, 80007, 80008]);

/** Decided by the code, as Meta advises (reference §2.2, §3). */
function refusal(
  account: Account,
  { code, error_subcode: subcode, message = "" }: z.infer<typeof errorSchema>["error"],
): UserError {
  const said = `${code}${subcode === undefined ? "" : `/${subcode}`}: ${message.replaceAll(account.token, "***").slice(0, 300)}`;
  if (LATER.has(code))
    return fault(account, said, ExitCode.TryAgain, "Meta asks for patience: try again later.");
  if (code === 190 || code === 104 || code === 0)
    return fault(
      account,
      said,
      ExitCode.Failed,
      `Meta does not take the access token of sender "${account.sender}": make a new one.`,
    );
  if (code === 100 && subcode === 33)
    return fault(
      account,
      said,
      ExitCode.Failed,
      `The ${account.subject === undefined ? "account" : "number"} does not exist, or the token may not see it: compare ${account.subject === undefined ? "--waba-id" : "--phone-number-id"}.`,
    );
  const isPermission = code === 3 || code === 10 || (code >= 200 && code < 300);
  const hint = isPermission ? "The token needs the permission whatsapp_business_management." : undefined;
  return fault(account, said, ExitCode.Failed, hint);
}

function fault(
  { wabaId, sender, subject = `account ${wabaId}` }: Account,
  what: string,
  exitCode: ExitCode,
  hint?: string,
): UserError {
  return new UserError(`${subject} (sender "${sender}"): ${what}`, {
    exitCode,
    ...(hint === undefined ? {} : { hint }),
  });
}
