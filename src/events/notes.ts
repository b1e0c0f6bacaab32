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

  of(eventId: number): string | null {
    const notes = this.#notes.get(eventId);
    return notes === undefined ? null : [...notes].join("; ").slice(0, LONGEST);
  }
}
