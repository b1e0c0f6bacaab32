/** `{{1}}` or `{{voornaam}}` as Meta's templates write it. */
const VARIABLE = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** The variables of a text in the order in which they first appear. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1] as string))];
}

/** Braces that look like a variable and are none (`{{voor naam}}`, `{{1}`): Meta would send them as they stand. */
export function hasStrayBraces(text: string): boolean {
  return /\{\{|\}\}/.test(text.replace(VARIABLE, ""));
}

/** The text with its variables filled in; one without a value stays as it is. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : whole,
  );
}

/** fillIn for many: the text is taken apart once. */
export function compileFillIn(text: string): (values: Readonly<Record<string, string>>) => string {
  const pieces = text.split(VARIABLE); // text, name, text, name, text
  return (values) => {
    let filled = pieces[0] as string;
    for (let n = 1; n < pieces.length; n += 2) {
      const name = pieces[n] as string;
      if (!Object.hasOwn(values, name)) return fillIn(text, values);
      filled += (values[name] as string) + pieces[n + 1];
    }
    return filled;
  };
}

export function isPositional(variables: readonly string[]): boolean {
  return variables.every((name) => /^\d+$/.test(name));
}
