import { digitsOf } from "./messages.ts";

const DAY_MS = 86_400_000;

/** Who wrote to which number, and when: for 24 hours anything may be sent to them (reference §4). */
export class ServiceWindows {
  readonly #lastInbound = new Map<string, number>();

  heard(phoneNumberId: string, person: string, at: Date): void {
    const key = keyOf(phoneNumberId, person);
    this.#lastInbound.set(key, Math.max(at.getTime(), this.#lastInbound.get(key) ?? 0));
  }

  isOpen(phoneNumberId: string, person: string, now: Date): boolean {
    const at = this.#lastInbound.get(keyOf(phoneNumberId, person));
    return at !== undefined && now.getTime() < at + DAY_MS;
  }
}

function keyOf(phoneNumberId: string, person: string): string {
  return `${phoneNumberId} ${/^[A-Z]/.test(person) ? person : digitsOf(person)}`;
}
