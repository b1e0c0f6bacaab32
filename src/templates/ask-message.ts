import type { Check, Questions } from "../cli/questions.ts";
import { UserError } from "../errors.ts";
import { headerMedia, neededValues, textOf, unfillableParts } from "./components.ts";
import { lengthFaults } from "./lengths.ts";
import { compileText } from "./liquid.ts";
import type { Template } from "./templates.ts";

/**
 * Asks what a message says, as a file would have it: a template that may be sent, with its values one by one, or text.
 * @param templates those of the organization; others than APPROVED ones are not offered
 */
export async function askMessage(ask: Questions, templates: readonly Template[]): Promise<object> {
  const usable = templates.filter(
    ({ status, components }) => status === "APPROVED" && unfillableParts(components).length === 0,
  );
  const chosen = await ask.choose<Template | undefined>("Message", [
    ...usable.map((template) => ({
      value: template,
      name: `template ${template.name} (${template.language}, ${template.category})`,
      description: bodyOf(template),
    })),
    { value: undefined, name: "text", description: "Reaches only people who wrote in the last 24 hours." },
  ]);
  if (chosen === undefined) return { type: "text", text: await ask.text("Text", { check: isLiquid(4096) }) };
  const { name, language } = chosen;
  const variables = await askValues(ask, chosen);
  const header = await askHeader(ask, chosen);
  return {
    type: "template",
    template: name,
    language,
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...(header === undefined ? {} : { header }),
  };
}

async function askValues(ask: Questions, template: Template): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  const needed = neededValues(template.components);
  if (needed.length > 0)
    ask.say(
      `${bodyOf(template)}\nA value is text, or what each contact has: {{ contact.first_name | default: 'klant' }}`,
    );
  for (const { name, longest } of needed) {
    const isLiquidValue = isLiquid(longest);
    values[name] = await ask.text(`Value of {{${name}}}`, {
      check: async (answer) => {
        const [tooLong] = lengthFaults(template.components, { ...values, [name]: answer });
        return tooLong ?? isLiquidValue(answer);
      },
    });
  }
  return values;
}

async function askHeader(ask: Questions, { components }: Template): Promise<object | undefined> {
  const media = headerMedia(components);
  if (media === undefined) return undefined;
  const isLink = (answer: string) => /^https?:\/\/[^\s{}]+$/.test(answer) || "Write a link: https://…";
  return { [media]: { link: await ask.text(`Link of the ${media} above it`, { check: isLink }) } };
}

/** Text that can be compiled; what Liquid makes of it for each contact may still be longer. */
function isLiquid(longest: number): Check {
  return async (answer) => {
    if (answer.trim() === "") return "Write something.";
    if (answer.length > longest && !/\{\{|\{%/.test(answer))
      return `It has ${answer.length} characters, of ${longest} at most.`;
    try {
      await compileText(answer);
      return true;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  };
}

function bodyOf({ components }: Template): string {
  const body = components.find(({ type }) => type === "BODY");
  return body === undefined ? "" : textOf(body);
}
