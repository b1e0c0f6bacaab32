import { UserError } from "../../errors.ts";
import { compileMessage, type FrozenDefinition, type Recipient } from "../../templates/message.ts";
import { type Gate, pass, stop, wait } from "./gate.ts";

/** What a claim finds of one person, by its own text, and what it looked at. */
export interface PersonFacts extends Recipient {
  now: Date;
  /** why the claim would skip the person (adsapp_contact_gate and what follows); null: it would not */
  reason: string | null;
  becomes: "send" | "skip" | "later";
  /** when business and quiet hours let it out; null: neither binds */
  later: Date | null;
  isCapped: boolean;
  capFreeAt: Date | null;
  cap: number | null;
  inWindow: boolean;
  marketing: boolean;
  needsWindow: boolean;
  requireOptIn: boolean;
  businessHoursOnly: boolean;
  quietFrom: string | null;
  quietTo: string | null;
  zone: string;
  isOwnZone: boolean;
  bsuid: string | null;
  lastInboundAt: Date | null;
  optedInAt: Date | null;
  optedOutAt: Date | null;
  optOutSource: string | null;
  blockedAt: Date | null;
  erasedAt: Date | null;
  undeliverableAt: Date | null;
}

const DAY = 86_400_000;

export function contactGate(person: PersonFacts): Gate {
  const { reason, erasedAt, blockedAt, undeliverableAt } = person;
  const gate = "contact";
  if (reason === "erased")
    return stop(gate, `was erased ${timeOf(erasedAt)}: an import cannot bring it back`);
  if (reason === "blocked")
    return stop(gate, `is blocked since ${timeOf(blockedAt)} (adsapp contact unblock)`);
  if (reason === "no_address") return stop(gate, "has neither a phone nor a user id");
  return undeliverableAt === null
    ? pass(gate, "has an address, and is neither blocked nor erased")
    : pass(gate, `has an address, though nothing could be delivered there ${timeOf(undeliverableAt)}`);
}

export function consentGate(person: PersonFacts): Gate {
  const { reason, marketing, requireOptIn, optedOutAt, optOutSource, optedInAt } = person;
  const gate = "consent";
  if (!marketing) return pass(gate, "not asked for: this is no marketing");
  if (reason === "suppressed")
    return stop(gate, "was erased, and wrote again: gets no marketing (adsapp contact opt-in)");
  if (optedOutAt !== null)
    return stop(gate, `opted out of marketing ${timeOf(optedOutAt)} (${optOutSource ?? "by other means"})`);
  if (requireOptIn && optedInAt === null) return stop(gate, "no opt-in is known, and this asks for one");
  return pass(gate, optedInAt === null ? "has not opted out" : `opted in ${timeOf(optedInAt)}`);
}

/** Meta takes only templates for somebody who has not written in 24 hours. */
export function windowGate({ needsWindow, inWindow, lastInboundAt }: PersonFacts): Gate {
  const gate = "service_window";
  if (!needsWindow) return pass(gate, "not needed: a template, or a log sender");
  if (!inWindow)
    return stop(gate, `closed: the person last wrote ${timeOf(lastInboundAt)}; a template would go`);
  return pass(gate, "open: the person wrote", new Date(Number(lastInboundAt) + DAY));
}

export function capGate({ isCapped, capFreeAt, cap, marketing, becomes }: PersonFacts): Gate {
  const gate = "frequency_cap";
  if (cap === null || !marketing)
    return pass(gate, cap === null ? "the organization has none" : "counts marketing only");
  if (isCapped)
    return stop(gate, `the person got ${cap} marketing messages, as many as the cap allows`, capFreeAt);
  if (becomes === "later" && capFreeAt !== null)
    return pass(gate, `full now (${cap}); counted again when the message may go`, capFreeAt);
  return pass(gate, `fewer than ${cap} marketing messages of late`);
}

export function hoursGate(person: PersonFacts): Gate {
  const { now, later, businessHoursOnly, quietFrom, quietTo, zone, isOwnZone } = person;
  const gate = "hours";
  if (!businessHoursOnly && quietFrom === null) return pass(gate, "neither business nor quiet hours bind");
  const quiet = quietFrom === null ? [] : [`quiet hours ${short(quietFrom)}–${short(quietTo)}`];
  const hours = [...(businessHoursOnly ? ["business hours"] : []), ...quiet].join(" and ");
  const where = `${hours}, in ${zone} (${isOwnZone ? "the contact's" : "the organization's"} time zone)`;
  return later !== null && later > now ? wait(gate, where, later) : pass(gate, where);
}

/** What the message needs of the contact, filled in as the sending does it. */
export async function variablesGate(
  definition: FrozenDefinition,
  organizationName: string,
  person: PersonFacts,
  variant: string | null = null,
): Promise<Gate> {
  const gate = "variables";
  const arms = (definition.variants ?? []).filter(({ name }) => variant === null || name === variant);
  try {
    for (const arm of arms.length > 0 ? arms : [definition]) {
      const compiled = await compileMessage(
        { ...definition, ...arm, name: definition.name },
        { organizationName },
      );
      const rendered = compiled.render(person);
      if ("missing" in rendered) return stop(gate, `the contact has no ${rendered.missing}`);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return wait(gate, `the message itself is at fault: ${error.message}`);
  }
  return pass(gate, "the contact has all that the message needs");
}

function timeOf(time: Date | null): string {
  return time === null ? "never" : time.toISOString();
}

function short(time: string | null): string {
  return (time ?? "").slice(0, 5);
}
