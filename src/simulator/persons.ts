import { createHash } from "node:crypto";
import type { Catalogue } from "./catalogue.ts";
import { diceOf, type Fate, type Roll, wamidOf } from "./fate.ts";
import type { AcceptedMessage } from "./ledger.ts";
import type { Settings } from "./options.ts";
import type { Person, PersonMessage } from "./told.ts";

/** Of those who answer, this share quotes the message that they answer. */
const QUOTES = 0.5;

/** How people answer what reached them: some with STOP, some with other words, most not at all. Same seed, same answers. */
export class Persons {
  readonly #settings: Settings;
  readonly #catalogue: Catalogue;

  constructor(settings: Settings, catalogue: Catalogue) {
    this.#settings = settings;
    this.#catalogue = catalogue;
  }

  /** @param address a phone number, or a user id */
  person(address: string): Person {
    const { seed, usernames } = this.#settings;
    if (/^[A-Z]/.test(address)) return { phone: null, userId: address };
    const hidesPhone = usernames > 0 && diceOf(seed, address, 0)("username") < usernames;
    return { phone: hidesPhone ? null : address, userId: userIdOf(address) };
  }

  /** What they write after this message; undefined when they do not, or it did not reach them. */
  answer(message: AcceptedMessage, fate: Fate, roll: Roll): PersonMessage | undefined {
    const { seed, delays } = this.#settings;
    const word = fate.outcome === "delivered" || fate.outcome === "read" ? this.#word(roll) : undefined;
    if (word === undefined) return undefined;
    const reachedAfter = fate.steps.at(-1)?.afterSeconds ?? 0;
    const afterSeconds = reachedAfter + delays.reply * (0.5 + roll("reply delay"));
    const isTap = this.#hasButton(message, word);
    return {
      kind: "message",
      phoneNumberId: message.phoneNumberId,
      wamid: wamidOf(seed, message.phoneNumberId, `from ${message.to}`, message.wamid, 0),
      person: this.person(message.to),
      at: new Date(message.at.getTime() + afterSeconds * 1000),
      content: isTap
        ? { type: "button", button: { payload: word, text: word } }
        : { type: "text", text: { body: word } },
      text: word,
      contextId: isTap || roll("quotes") < QUOTES ? message.wamid : undefined,
    };
  }

  #word(roll: Roll): string | undefined {
    const { stopShare, stopWords, replyShare, replyWords } = this.#settings;
    const one = (words: readonly string[]) => words[Math.floor(roll("word") * words.length)];
    if (stopShare > 0 && roll("stop") < stopShare) return one(stopWords);
    return replyShare > 0 && roll("reply") < replyShare ? one(replyWords) : undefined;
  }

  /** A word that stands on a quick-reply button of the template is tapped, not typed. */
  #hasButton({ templateName }: AcceptedMessage, word: string): boolean {
    return this.#catalogue
      .all()
      .filter(({ name }) => name === templateName)
      .flatMap(({ components }) =>
        components.flatMap((each) => (each.type === "BUTTONS" ? each.buttons : [])),
      )
      .some((button) => button.type === "QUICK_REPLY" && button.text === word);
  }
}

/** A made-up business-scoped user id, the same for the same phone. */
function userIdOf(phone: string): string {
  const digest = createHash("sha256").update(phone).digest();
  return `NL.${digest.readBigUInt64BE(0)}`;
}
