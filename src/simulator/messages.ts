import { CONTENT_FAULT, invalid, isObject, type Json, missing } from "./content.ts";
import { type GraphFault, graphFault } from "./graph.ts";

/** A send request that the Cloud API would take. */
export interface SendRequest {
  /** as it was given: `+31612345678`, or a business-scoped user id */
  recipient: string;
  /** by phone number, else by business-scoped user id */
  byPhone: boolean;
  type: string;
  templateName: string | null;
  /** what stands in the field named like the type */
  content: Json;
  /** `biz_opaque_callback_data`, "" when there is none */
  opaqueId: string;
}

const LONGEST_OPAQUE_ID = 512;
const PHONE = /^\+?[\d\s().-]{7,25}$/;
const USER_ID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,132}$/;

/** Reads the body of a send (reference §1); a fault tells what Meta would find wrong with it first. */
export function readSend(body: string): SendRequest | GraphFault {
  const json = parsed(body);
  if (json === undefined) return graphFault(100, "The request body is not a JSON object.");
  if (json.messaging_product !== "whatsapp")
    return graphFault(100, "The parameter messaging_product must be whatsapp.");
  const type = json.type ?? "text";
  if (typeof type !== "string" || !Object.hasOwn(CONTENT_FAULT, type)) {
    return graphFault(
      100,
      `Param type must be one of {${Object.keys(CONTENT_FAULT).join(", ").toUpperCase()}}.`,
    );
  }
  const content = json[type];
  if (!isObject(content)) return missing(type);
  return envelopeFault(json) ?? CONTENT_FAULT[type]?.(content) ?? requestOf(json, type, content);
}

export function isFault(read: SendRequest | GraphFault): read is GraphFault {
  return "httpStatus" in read;
}

/** The answer that says accepted, nothing more (reference §2.1). */
export function acceptedBody({ recipient, byPhone, type }: SendRequest, wamid: string): string {
  const id = byPhone ? { wa_id: digitsOf(recipient) } : { user_id: recipient };
  return JSON.stringify({
    messaging_product: "whatsapp",
    contacts: [{ input: recipient, ...id }],
    messages: [{ id: wamid, ...(type === "template" ? { message_status: "accepted" } : {}) }],
  });
}

export function digitsOf(phone: string): string {
  return phone.replace(/\D/g, "");
}

function requestOf(json: Json, type: string, content: Json): SendRequest {
  return {
    recipient: String(json.to ?? json.recipient),
    byPhone: json.to !== undefined,
    type,
    templateName: type === "template" ? String(content.name) : null,
    content,
    opaqueId: String(json.biz_opaque_callback_data ?? ""),
  };
}

/** `to` wins when both it and `recipient` are given (reference §1.1). */
function envelopeFault({
  to,
  recipient,
  biz_opaque_callback_data: opaqueId = "",
}: Json): GraphFault | undefined {
  if (to === undefined && recipient === undefined) return missing("to");
  if (to !== undefined && !(typeof to === "string" && PHONE.test(to))) return invalid("to");
  if (to === undefined && !(typeof recipient === "string" && USER_ID.test(recipient)))
    return invalid("recipient");
  if (typeof opaqueId !== "string" || opaqueId.length > LONGEST_OPAQUE_ID)
    return invalid("biz_opaque_callback_data");
  return undefined;
}

function parsed(body: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
