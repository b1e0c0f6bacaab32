import { type GraphFault, graphFault } from "./graph.ts";

/** What goes wrong on purpose (option `faults`), by the last four digits of the recipient. */
export type Fault =
  /** not accepted, with Meta's error; each time, or the first time only */
  | { kind: "refused"; fault: GraphFault; always?: boolean }
  /** the first time: an answer that is not Meta's, of something on the way; not accepted */
  | { kind: "not Meta's"; httpStatus: number; body: string; contentType: string }
  /** the first time: the connection is reset without an answer, after or before the message was accepted */
  | { kind: "reset"; accepted: boolean }
  /** the first time: accepted at once, but the answer takes as long as the option `slowMs` says */
  | { kind: "slow" }
  /** accepted; a failed status follows, each time */
  | { kind: "fails later"; code: number };

/** The whole list. After a first-time fault the same recipient is served as everybody else is. */
export const MAGIC_NUMBERS: Readonly<Record<string, Fault>> = {
  "0190": {
    kind: "refused",
    fault: graphFault(190, "The session has expired.", { httpStatus: 401, subcode: 463 }),
    always: true,
  },
  "0408": { kind: "slow" },
  "0428": { kind: "not Meta's", httpStatus: 429, body: "slow down", contentType: "text/plain" },
  "0429": {
    kind: "refused",
    fault: graphFault(130429, "Cloud API message throughput has been reached.", { httpStatus: 429 }),
  },
  "0500": { kind: "refused", fault: graphFault(131000, "Something went wrong.", { httpStatus: 500 }) },
  "0502": {
    kind: "not Meta's",
    httpStatus: 502,
    body: "<html><h1>Bad Gateway</h1></html>",
    contentType: "text/html",
  },
  "0998": { kind: "reset", accepted: false },
  "0999": { kind: "reset", accepted: true },
  "1016": {
    kind: "refused",
    fault: graphFault(131016, "Service temporarily unavailable.", { httpStatus: 503, plainData: true }),
  },
  "1026": { kind: "fails later", code: 131026 },
  "1047": { kind: "fails later", code: 131047 },
  "1049": { kind: "fails later", code: 131049 },
  "1050": { kind: "fails later", code: 131050 },
  "1053": { kind: "fails later", code: 131053 },
  "1056": {
    kind: "refused",
    fault: graphFault(131056, "Too many messages to this recipient in a short time."),
  },
  "2000": {
    kind: "refused",
    fault: graphFault(
      132000,
      "body: number of localizable_params (1) does not match the expected number of params (2)",
    ),
    always: true,
  },
};

/** Remembers who had a first-time fault already. */
export class Faults {
  readonly #numbers: Readonly<Record<string, Fault>>;
  readonly #met = new Set<string>();

  /** @param given.faults whether the list counts; @param given.failures further ones that fail later, by their last digits */
  constructor({ faults, failures }: { faults: boolean; failures: Readonly<Record<string, number>> }) {
    const own = Object.entries(failures).map(([digits, code]) => [digits, { kind: "fails later", code }]);
    this.#numbers = { ...(faults ? MAGIC_NUMBERS : {}), ...Object.fromEntries(own) };
  }

  /** @returns undefined: serve this recipient as everybody else */
  next(recipient: string): Fault | undefined {
    const fault = this.#numbers[recipient.slice(-4)];
    if (fault === undefined || fault.kind === "fails later") return fault;
    const isFirst = !this.#met.has(recipient);
    this.#met.add(recipient);
    return isFirst || (fault.kind === "refused" && fault.always === true) ? fault : undefined;
  }
}
