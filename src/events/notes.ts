const LONGEST = 500;

/** What is to be written down about events: what could not be done, and why. */
export class Notes {
  readonly #notes = new Map<number, Set<string>>();

  add(eventId: number, note: string): void {
    const known = this.#notes.get(eventId);
    if (known === undefined) this.#notes.set(eventId, new Set([note]));
    else known.add(note);
  }

  /** takes over the notes of a part of the work */
  addAll(others: Notes): void {
    for (const [eventId, notes] of others.#notes) for (const note of notes) this.add(eventId, note);
  }

  /** as JSON: the text of each event that has any, by its id */
  toJSON(): Record<string, string> {
    return Object.fromEntries(
      [...this.#notes].map(([eventId, notes]) => [eventId, cut([...notes].join("; "))]),
    );
  }
}

/** Not between the two halves of a character: jsonb takes no half. */
function cut(text: string): string {
  return text.slice(0, LONGEST).replace(/[\uD800-\uDBFF]$/, "");
}
