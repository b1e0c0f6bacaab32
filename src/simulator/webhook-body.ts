import { personChange, statusesChange } from "./change.ts";
import type { MessageStatus } from "./ledger.ts";
import type { Settings } from "./options.ts";
import type { Person, Told } from "./told.ts";

type Shape = Pick<Settings, "wabaId" | "webhookVersion" | "unknownFields">;

/**
 * A webhook body with these updates, as Meta sends it (reference §5.3 to §5.6): timestamps as text, non-ASCII escaped,
 * one change for the statuses of each phone number.
 */
export function webhookBody(
  told: readonly Told[],
  { wabaId, webhookVersion, unknownFields }: Shape,
  personOf: (address: string) => Person,
): string {
  const byNumber = new Map<string, MessageStatus[]>();
  for (const each of told) {
    if (each.kind !== "status") continue;
    const { phoneNumberId } = each.message;
    const others = byNumber.get(phoneNumberId);
    if (others === undefined) byNumber.set(phoneNumberId, [each]);
    else others.push(each);
  }
  const changes = [
    ...[...byNumber].map(([phoneNumberId, statuses]) =>
      statusesChange(phoneNumberId, statuses, { webhookVersion, personOf }),
    ),
    ...told.flatMap((each) => (each.kind === "message" ? [personChange(each)] : [])),
    ...told.flatMap(({ kind, ...rest }) => (kind === "news" ? [rest] : [])),
  ];
  const body = { object: "whatsapp_business_account", entry: [{ id: wabaId, changes }] };
  return escaped(JSON.stringify(unknownFields ? withUnknowns(body) : body));
}

interface Body {
  object: string;
  entry: { id: string; changes: object[] }[];
}

/** What a later version may bring: a member that nobody knows in every object, a status word and a field that nobody knows. */
function withUnknowns(body: Body): unknown {
  const [entry] = body.entry;
  const changes = [
    { field: "automatic_events", value: { messaging_product: "whatsapp" } },
    ...(entry?.changes ?? []).map(withUnknownStatus),
  ];
  return strewn({ ...body, entry: [{ ...entry, changes }] });
}

function withUnknownStatus(change: object): object {
  const { value } = change as { value: { statuses?: object[] } };
  const [first] = value.statuses ?? [];
  return first === undefined
    ? change
    : {
        ...change,
        value: { ...value, statuses: [{ ...first, status: "warning" }, ...(value.statuses ?? [])] },
      };
}

function strewn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strewn);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, strewn(member)]);
  return { not_known_yet: { since: "v99.0" }, ...Object.fromEntries(members) };
}

function escaped(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
