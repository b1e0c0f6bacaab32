import type { CommandEntry } from "./command.ts";

/** Commands that belong together, and what they are about. */
type Row = readonly [nouns: readonly string[], about: string];

/** How `adsapp --help` shows what there is: the stages in the order in which data passes. A test looks that none is missing. */
const STAGES: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  [
    "Begin",
    [
      [["quickstart"], "the whole loop here, in under a minute"],
      [["db", "migrate"], "the database, its schema"],
      [["org", "user", "sender"], "organizations, profiles, numbers"],
      [["plan", "apply", "schema"], "definitions as files"],
    ],
  ],
  [
    "People",
    [
      [["contact", "import", "list"], "who they are, with tags and consent"],
      [["source"], "links and QR codes that bring people"],
    ],
  ],
  [
    "Messages",
    [
      [["template"], "what Meta has approved"],
      [["campaign"], "broadcasts"],
      [["drip"], "sequences over time"],
      [["event", "rule"], "what happens to people, what that sets off"],
    ],
  ],
  [
    "Sending",
    [
      [["tick", "crontab"], "all that is due, each minute"],
      [["job", "explain"], "single messages, and why"],
    ],
  ],
  [
    "Answers",
    [
      [["webhook"], "what Meta tells"],
      [["conversation", "agent"], "the inbox, who answers"],
    ],
  ],
  [
    "Numbers",
    [
      [["report"], "by campaign, drip, agent, channel, template"],
      [["audit", "rebuild"], "the proof that they are right"],
    ],
  ],
  [
    "Running it",
    [
      [["status", "ticks", "metrics"], "what runs, what waits and why"],
      [["doctor"], "what is amiss, and what mends it"],
      [["prune"], "lets go of what is kept too long"],
      [["simulator"], "a Cloud API on this machine"],
      [["completion"], "for bash, zsh and fish"],
    ],
  ],
];

/** What the verbs of a noun are about: `adsapp NOUN` says it first. A test looks that none is missing. */
export const NOUNS: Readonly<Record<string, string>> = {
  db: "the embedded PostgreSQL",
  migrate: "the database schema",
  org: "organizations",
  user: "profiles: who works here",
  sender: "WhatsApp numbers",
  contact: "people, tags and consent",
  list: "contact lists",
  template: "message templates",
  campaign: "broadcasts",
  drip: "sequences over time",
  import: "imports of contacts that were made",
  conversation: "the inbox: what people wrote, and the answers",
  agent: "who answers people",
  source: "links and QR codes that bring people",
  rule: "what sets what off",
  event: "what happened to a contact",
  job: "single messages",
  webhook: "what Meta tells us",
  report: "numbers",
};

const PROMISE = `WhatsApp broadcasts and drips from PostgreSQL: each person once, at the right
minute, never after STOP.

CSV > contacts > audience > campaigns & drips > tick > Meta > webhooks > reports`;

const FURTHER = `adsapp COMMAND --help   what it can do; adsapp COMMAND VERB --help has examples
adsapp help flags       flags of every command, exit codes, environment`;

const TITLE_WIDTH = 12;
const NOUNS_WIDTH = 25;

/** What `adsapp --help` says: one screen of 80 columns. */
export function streetHelp(commands: readonly CommandEntry[]): string {
  const nouns = [...new Set(commands.map(({ path }) => path.split(" ")[0] ?? ""))];
  const placed = new Set(STAGES.flatMap(([, rows]) => rows.flatMap(([names]) => names)));
  const others = nouns.filter((noun) => !placed.has(noun));
  const lines = [
    ...STAGES.flatMap(([title, rows]) => stageLines(title, rows, nouns)),
    ...stageLines(
      "Others",
      others.map((noun) => [[noun], ""]),
      nouns,
    ),
  ];
  return `${PROMISE}\n\nUsage: adsapp COMMAND [VERB] [flags]\n\n${lines.join("\n")}\n\n${FURTHER}\n`;
}

function stageLines(title: string, rows: readonly Row[], known: readonly string[]): string[] {
  return rows
    .map(([nouns, about]) => [nouns.filter((noun) => known.includes(noun)), about] as const)
    .filter(([nouns]) => nouns.length > 0)
    .map(([nouns, about], n) => {
      const side = n === 0 ? title : "";
      return `${side.padEnd(TITLE_WIDTH)}${nouns.join(", ").padEnd(NOUNS_WIDTH)}${about}`.trimEnd();
    });
}
