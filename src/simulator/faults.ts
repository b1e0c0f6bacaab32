import { type GraphFault, graphFault } from "./graph.ts";

/** What goes wrong on purpose (option `faults`), by the last four digits of the recipient. */
export type Fault =
  /** not accepted, with Meta's error; each time, or the first time only */
  | { kind: "refused"; fault: GraphFault; always?: boolean }
  /** the first time: an HTML page of a proxy on the way; not accepted */
  | { kind: "proxy error"; httpStatus: number }
  /** the first time: the connection is reset without an answer, after or before the message was accepted */
  | { kind: "reset"; accepted: boolean }
  /** accepted; a failed status follows, each time */
  | { kind: "fails later"; code: number };

/** The whole list. After a first-time fault the same recipient is served as everybody else is. */
export const MAGIC_NUMBERS: Readonly<Record<string, Fault>> = {
  "0190": {
    kind: "refused",
    fault: graphFault(190, "The session has expired.", { httpStatus: 401, subcode: 463 }),
    always: true,
  },
  "0429": {
    kind: "refused",
    fault: graphFault(130429, "Cloud API message throughput has been reached.", { httpStatus: 429 }),
  },
  "0500": { kind: "refused", fault: graphFault(131000, "Something went wrong.", { httpStatus: 500 }) },
  "0502": { kind: "proxy error", httpStatus: 502 },
  "0998": { kind: "reset", accepted: false },
  "0999": { kind: "reset", accepted: true },
  "1026": { kind: "fails later", code: 131026 },
  "1049": { kind: "fails later", code: 131049 },
  "1050": { kind: "fails later", code: 131050 },
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
  readonly #met = new Set<string>();

  /** @returns undefined: serve this recipient as everybody else */
  next(recipient: string): Fault | undefined {
    const fault = MAGIC_NUMBERS[recipient.slice(-4)];
    if (fault === undefined || fault.kind === "fails later") return fault;
    const isFirst = !this.#met.has(recipient);
    this.#met.add(recipient);
    return isFirst || (fault.kind === "refused" && fault.always === true) ? fault : undefined;
  }
}
