import { type GraphFault, graphFault } from "./graph.ts";

export type Json = Record<string, unknown>;

/** What is wrong with the content of a message of each type; undefined when nothing is. */
export const CONTENT_FAULT: Readonly<Record<string, (content: Json) => GraphFault | undefined>> = {
  text: textFault,
  template: templateFault,
  image: mediaFault,
  video: mediaFault,
  document: mediaFault,
  interactive: interactiveFault,
};

const LONGEST = { text: 4096, caption: 1024 };

export function missing(parameter: string): GraphFault {
  return graphFault(131008, `The required parameter ${parameter} is missing.`);
}

export function invalid(parameter: string): GraphFault {
  return graphFault(131009, `The value of the parameter ${parameter} is not valid.`);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textFault({ body }: Json): GraphFault | undefined {
  if (!isText(body)) return missing("text.body");
  return body.length > LONGEST.text
    ? graphFault(100, `Param text['body'] must be at most ${LONGEST.text} characters long.`)
    : undefined;
}

function mediaFault({ id, link, caption = "" }: Json): GraphFault | undefined {
  if (!isText(id) && !isText(link)) return missing("id or link");
  if (id !== undefined && link !== undefined) return invalid("id and link: give one of them");
  return typeof caption === "string" && caption.length <= LONGEST.caption ? undefined : invalid("caption");
}

function interactiveFault({ type, body, action }: Json): GraphFault | undefined {
  if (!isText(type)) return missing("interactive.type");
  if (!isObject(body) || !isText(body.text)) return missing("interactive.body.text");
  return isObject(action) ? undefined : missing("interactive.action");
}

function templateFault({ name, language, components = [] }: Json): GraphFault | undefined {
  if (!isText(name)) return missing("template.name");
  if (!isObject(language) || !isText(language.code)) return missing("template.language.code");
  if (!Array.isArray(components)) return invalid("template.components");
  const parameters = components.flatMap((component) =>
    isObject(component) ? (component.parameters ?? []) : [],
  );
  return parameters.map(parameterFault).find((fault) => fault !== undefined);
}

function parameterFault(parameter: unknown): GraphFault | undefined {
  if (!isObject(parameter) || !isText(parameter.type)) return missing("template.components.parameters.type");
  if (["image", "video", "document"].includes(parameter.type)) {
    const media = parameter[parameter.type];
    return isObject(media) ? mediaFault(media) : missing(`template.components.parameters.${parameter.type}`);
  }
  if (parameter.type !== "text") return undefined;
  if (!isText(parameter.text)) return graphFault(131008, "Parameter of type text is missing text value");
  return /[\n\r\t]| {5,}/.test(parameter.text)
    ? graphFault(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
