// What the histories of machine.ts are made of.
import type { RowOutcome } from "../../src/sending/outcomes.ts";

/** Steps that the histories must have come upon, or the test would prove little. */
export const SEEN_AT_LEAST = [
  "pending > dispatching",
  "dispatching > pending",
  "dispatching > unknown",
  "dispatching > sent",
  "dispatching > failed",
  "unknown > pending",
  "unknown > sent",
  "unknown > delivered",
  "sent > delivered",
  "sent > pending",
  "sent > failed",
  "failed > pending",
  "pending > cancelled",
];

export const EVENTS = [
  "claim",
  "claim",
  "claim",
  "record",
  "record",
  "record",
  "webhook",
  "webhook",
  "webhook",
  "rescue",
  "death",
  "settle",
  "settle",
  "lease",
  "cancel",
  "complete",
  "resolve",
  "retry",
  "minutes",
  "day",
] as const;
export const WORDS: RowOutcome[] = [
  "sent",
  "sent",
  "retry",
  "wait",
  "later",
  "withheld",
  "failed",
  "unknown",
  "handback",
];
export const STATUSES = ["sent", "delivered", "failed", "delivered", "failed", "read"];
/** Late failures: what passes, what is withheld, what is final. */
export const CODES = [131000, 131049, 131026];

type History = [(typeof EVENTS)[number], number][];

/** Histories that chance comes upon seldom: each makes one event after a claim, and what it leads to. */
export const RARE: [History][] = [
  [
    [
      ["claim", 0],
      ["record", 7],
      ["webhook", 7],
    ],
  ], // no answer, and then the news that it was delivered
  [
    [
      ["claim", 0],
      ["record", 7],
      ["webhook", 0],
    ],
  ],
  [
    [
      ["claim", 0],
      ["record", 0],
      ["webhook", 15],
    ],
  ], // sent, and failed late for a reason that passes
  [
    [
      ["claim", 0],
      ["record", 0],
      ["webhook", 17],
    ],
  ], // … for good
  [
    [
      ["claim", 0],
      ["record", 0],
      ["webhook", 16],
      ["day", 0],
      ["claim", 0],
      ["record", 0],
      ["webhook", 22],
    ],
  ], // withheld, then delivered
  [
    [
      ["claim", 0],
      ["record", 6],
      ["complete", 0],
      ["retry", 0],
    ],
  ],
  [
    [
      ["claim", 0],
      ["record", 0],
      ["cancel", 0],
    ],
  ],
];
