import type { BroadcastDefinition } from "./definition.ts";
import type { StoredTemplate } from "./found.ts";

/**
 * Whether the template's category fits what the campaign says it is: Meta prices and limits by the category, and so do
 * the gates (design: sending).
 */
export function categoryFindings(
  { type }: Pick<BroadcastDefinition, "type">,
  template: StoredTemplate | null,
): { errors: string[]; warnings: string[] } {
  if (template === null) return { errors: [], warnings: [] };
  const name = `template "${template.name}" (${template.language})`;
  if (template.category === "AUTHENTICATION")
    return {
      errors: [`${name} is for one-time codes (AUTHENTICATION): no campaign sends those`],
      warnings: [],
    };
  const isMarketing = type === "promotional" || type === "survey";
  if (isMarketing && template.category === "UTILITY") {
    const warning = `${name} is UTILITY and the campaign ${type}: Meta limits accounts that send marketing with such templates (131064)`;
    return { errors: [], warnings: [warning] };
  }
  if (!isMarketing && template.category === "MARKETING") {
    const warning = `${name} is MARKETING, so this ${type} campaign counts as marketing: who opted out is skipped`;
    return { errors: [], warnings: [warning] };
  }
  return { errors: [], warnings: [] };
}
