import type { TargetAudience } from "./audience.ts";
import { conditionSql, type DynamicLists, hasTag, type Parameter } from "./compile.ts";
import { targeted } from "./condition.ts";
import type { Condition } from "./condition-schema.ts";

/** A part of what an audience asks for: in words, and as SQL over `c`. Whoever meets all of them is meant. */
export interface AudiencePart {
  says: string;
  condition: string;
}

/** What an audience asks of each contact, part by part, so that one can be told which it does not meet. */
export function partsOf(audience: TargetAudience, parameter: Parameter, lists: DynamicLists): AudiencePart[] {
  const whole = (says: string) => [{ says, condition: targeted(audience, parameter, lists) }];
  switch (audience.type) {
    case "all":
      return [];
    case "tags":
      return audience.match === "all"
        ? audience.tags.map((tag) => ({ says: `the tag ${tag}`, condition: hasTag([tag], parameter) }))
        : whole(
            audience.tags.length === 1
              ? `the tag ${audience.tags[0]}`
              : `one of the tags ${audience.tags.join(", ")}`,
          );
    case "list":
      return whole(`a place on the list ${audience.list}`);
    case "contacts":
      return whole("to be one of the contacts that the campaign names");
    case "segment":
      return conditionsOf(audience.where).map((part) => ({
        says: saying(part),
        condition: conditionSql(part, parameter, lists),
      }));
  }
}

function conditionsOf(where: Condition): Condition[] {
  return "all" in where ? where.all : [where];
}

function saying(part: Condition): string {
  if ("tag" in part) return `the tag ${part.tag}`;
  if ("list" in part) return `a place on the list ${part.list}`;
  if ("field" in part) return `${part.field} ${part.op} ${JSON.stringify(part.value)}`;
  return JSON.stringify(part);
}
