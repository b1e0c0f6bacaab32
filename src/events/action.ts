import { LONGEST_EVENT_NAME, LONGEST_TAG } from "../definitions/triggers.ts";

/** What a rule does to a contact. `campaign` is a drip's name or id. */
export type Action =
  | { type: "enroll_drip_campaign"; campaign: string; skipIfAlreadyEnrolled: boolean }
  | { type: "add_tag"; tag: string }
  | { type: "remove_tag"; tag: string }
  | { type: "assign"; agent: string }
  | { type: "emit_event"; event: string; data: object };

export const MOST_ACTIONS = 20;

export interface ReadActions {
  actions: Action[];
  /** why others are left out */
  faults: string[];
}

/**
 * A rule's actions as the database holds them, which anybody may have written by SQL: whatever cannot be done is left out,
 * with the reason.
 */
export function readActions(stored: readonly unknown[]): ReadActions {
  if (stored.length > MOST_ACTIONS)
    return { actions: [], faults: [`it has ${stored.length} actions; ${MOST_ACTIONS} are allowed`] };
  const read = stored.map(readAction);
  return {
    actions: read.filter((each): each is Action => typeof each !== "string"),
    faults: read.flatMap((each, n) => (typeof each === "string" ? [`action ${n + 1} ${each}`] : [])),
  };
}

/** @returns the action, or the end of a sentence that says why it is none */
function readAction(stored: unknown): Action | string {
  const { type, ...fields } = isObject(stored) ? stored : { type: undefined };
  switch (type) {
    case "enroll_drip_campaign":
      return readEnroll(fields);
    case "add_tag":
    case "remove_tag":
      return isTag(fields.tag) ? { type, tag: fields.tag } : "has no tag";
    case "assign":
      return isWord(fields.agent) ? { type, agent: fields.agent } : "has no agent";
    case "emit_event":
      return readEmit(fields);
    default:
      return "is of no known type";
  }
}

function readEnroll(fields: Record<string, unknown>): Action | string {
  const campaign = fields.campaign_id ?? fields.campaign;
  if (!isWord(campaign)) return "names no drip";
  return {
    type: "enroll_drip_campaign",
    campaign,
    skipIfAlreadyEnrolled: fields.skipIfAlreadyEnrolled !== false,
  };
}

function readEmit({ event, data = {} }: Record<string, unknown>): Action | string {
  if (!isWord(event) || event.length > LONGEST_EVENT_NAME) return "names no event";
  return isObject(data) ? { type: "emit_event", event, data } : "has data that is no object";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** As the schema has it (tag_is_plain). */
function isTag(value: unknown): value is string {
  return isWord(value) && !/^ | $/.test(value) && [...value].length <= LONGEST_TAG;
}
