// Which argument and flag of which command may name what belongs to an organization.
import { Command } from "commander";
import { commands } from "../../src/cli/commands.ts";

export type Thing =
  | "campaign"
  | "contact"
  | "conversation"
  | "drip"
  | "import"
  | "job"
  | "list"
  | "message"
  | "rule"
  | "sender"
  | "source"
  | "tag"
  | "template"
  | "token"
  | "user";

/** What an input of this name is, in any command … */
const THINGS: Record<string, Thing> = {
  campaign: "campaign",
  contact: "contact",
  conversation: "conversation",
  source: "source",
  "--agent": "user",
  "--sender": "sender",
  drip: "drip",
  list: "list",
  rule: "rule",
  "--campaign": "campaign",
  "--contact": "contact",
  "--drip": "drip",
  "--list": "list",
  "--on-list": "list",
  "--tag": "tag",
  "--with-tag": "tag",
  tag: "tag",
};

/** … and in this one. null: it makes what it names. */
const THINGS_OF: Record<string, Thing | null> = {
  "agent offline email": "user",
  "campaign test --to": "contact",
  "conversation assign email": "user",
  "contact import --list": null,
  "contact import --tag": null,
  "contact list --after": "contact",
  "contact review message": "message",
  "contact tag tag": null,
  "import undo id": "import",
  "job resolve id": "job",
  "job show id": "job",
  "org token name": "token",
  "list show name": "list",
  "report drip --campaign": "drip",
  "sender resume name": "sender",
  "sender set name": "sender",
  "sender show name": "sender",
  "sender test name": "sender",
  "template preview name": "template",
  "template show name": "template",
  "user remove email": "user",
};

/**
 * Inputs that can name nothing of an organization's: numbers, times, files (what files name is another test), texts, names of
 * what is made, the organization's own slug. One that stands nowhere here fails the test of every command.
 */
const FREE = new Set(
  `--status --error --limit --days --since --until --by --at --reason --file --language --var --data --event-id --type --name
   --role --timezone --country --business-hours --frequency-cap --opt-out-confirmation --provider --phone-number-id --waba-id
   --token-env --token-file --app-secret-env --throughput --portfolio --messaging-limit --api-url --rejects --map --encoding
   --delimiter --on-duplicate --source --description --as --verdict --budget --only --port --host --survey --display-phone --comment --text --ad --svg --png --created-after --created-before --inbound-after
   --inbound-before --attribute --search --retention --filter --rates --output file folder slug action text score`.split(
    /\s+/,
  ),
);
const FREE_OF = new Set([
  "campaign clone name",
  "drip clone name",
  "contact export --to", // a file
  "import list --after", // an import of nobody begins the list anew
  "event emit name",
  "list create name",
  "sender add name",
  "source create name",
  "user add email",
  "webhook replay id", // bodies of all organizations: no command of one
  "webhook dismiss id",
]);

export interface NamedInput {
  path: string;
  /** `campaign` or `--campaign` */
  input: string;
  thing: Thing;
  /** arguments before and after it that the command cannot do without, or that stand before it */
  args: string[];
  /** flags that it cannot do without */
  needed: string[];
}

/** The commands that have one of these inputs. */
export async function inputsOf(inputs: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const { path, load } of commands) {
    const spec = (await load()).default;
    const command = new Command();
    spec.declare?.(command);
    const all = [
      ...command.registeredArguments.map((each) => each.name()),
      ...command.options.map(({ long }) => long as string),
    ];
    if (spec.scope !== "none" && all.some((input) => inputs.includes(input))) paths.push(path);
  }
  return paths;
}

/** Every input of every command that may name something, from the table of contents; and those that nobody has judged. */
export async function namedInputs(): Promise<{ named: NamedInput[]; unjudged: string[] }> {
  const named: NamedInput[] = [];
  const unjudged: string[] = [];
  for (const { path, load } of commands) {
    const spec = (await load()).default;
    if (spec.scope === "none") continue;
    const command = new Command();
    spec.declare?.(command);
    const args = command.registeredArguments.map((argument) => argument.name());
    const flags = command.options.filter((option) => option.required || option.optional);
    const needed = flags.filter(({ mandatory }) => mandatory).map(({ long }) => long as string);
    for (const input of [...args, ...flags.map(({ long }) => long as string)]) {
      const key = `${path} ${input}`;
      const thing = key in THINGS_OF ? THINGS_OF[key] : THINGS[input];
      if (thing === null || FREE_OF.has(key)) continue;
      if (thing !== undefined) named.push({ path, input, thing, args, needed });
      else if (!FREE.has(input)) unjudged.push(key);
    }
  }
  return { named, unjudged };
}
