// People who write in, by webhook bodies, and agents who answer them under Row Level Security.
import { reply } from "../../src/conversations/answer.ts";
import type { Transaction } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { UserError } from "../../src/errors.ts";
import { makeContacts } from "../support/factories.ts";
import { type MessageGiven, messagesBody } from "../webhooks/messages.ts";
import { NUMBER, OTHER_NUMBER, type Setup as Webhooks, setup as webhooks } from "../webhooks/setup.ts";

export interface Person {
  id: string;
  /** as Meta's `from` has it */
  waId: string;
}

export interface Conversation {
  id: string;
  status: string;
  contactId: string;
  assignedAgentId: string | null;
  channelSourceId: string | null;
  openedAt: Date;
  openedOn: string;
  waitingSince: Date | null;
  firstResponseAt: Date | null;
  resolvedAt: Date | null;
}

export interface Setup extends Webhooks {
  agentId: string;
  secondAgentId: string;
  person(): Promise<Person>;
  /** by a webhook body that is applied: a text "Hallo" unless given */
  says(person: Person, given?: MessageGiven | string): Promise<void>;
  /** of one person, in the order in which they were opened */
  conversations(person: Person): Promise<Conversation[]>;
  /** the only one of a person */
  conversation(person: Person): Promise<Conversation>;
  as<T>(profileId: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** the agent's answer to the person's open conversation */
  answers(person: Person, text?: string, agentId?: string): Promise<string>;
}

export { NUMBER, OTHER_NUMBER };

export async function setup(): Promise<Setup> {
  const s = await webhooks();
  const agents = await s.rows<{ id: string }>(
    `insert into profiles (organization_id, full_name, email, role)
     select $1, n, lower(n) || '@jansen', 'agent' from unnest('{Anna,Bas}'::text[]) n returning id`,
    [s.organization.id],
  );
  const [agentId, secondAgentId] = agents.map(({ id }) => id) as [string, string];
  const as: Setup["as"] = (profileId, work) => s.database.transaction(operator(profileId), work);
  const conversations = (person: Person) =>
    s.rows<Conversation>(
      "select * from conversations where contact_id = $1 order by opened_at, resolved_at",
      [person.id],
    );
  const conversation = async (person: Person) => {
    const found = await conversations(person);
    if (found.length !== 1) throw new Error(`${found.length} conversations`);
    return found[0] as Conversation;
  };
  return {
    ...s,
    agentId,
    secondAgentId,
    as,
    conversations,
    conversation,
    async person() {
      const [contact] = (await makeContacts(s.database, s.organization, 1)) as [
        { id: string; phone: string },
      ];
      return { id: contact.id, waId: contact.phone.slice(1) };
    },
    async says(person, given = {}) {
      const message = typeof given === "string" ? { text: { body: given } } : given;
      await s.apply(messagesBody([{ from: person.waId, ...message }]));
    },
    async answers(person, text = "Goedemiddag", by = agentId) {
      const open = (await conversations(person)).find(({ resolvedAt }) => resolvedAt === null);
      return as(by, (tx) => reply(tx, open?.id as string, text));
    },
  };
}

/** What a tap on a row of the survey's list looks like (reference §5.5). */
export function tap(conversationId: string, score: number | string): MessageGiven {
  const row = { id: `RATE:${conversationId}:${score}`, title: String(score) };
  return { type: "interactive", interactive: { type: "list_reply", list_reply: row } };
}

/** Lets pass what the state did not allow, and nothing else. */
export function refusedOnly(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
}
