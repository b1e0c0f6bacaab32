import type { Questions } from "../cli/questions.ts";
import { type Choices, groupChoices } from "./choices.ts";
import type { Reach } from "./reach.ts";

/** Asks whom a broadcast is for, as a file would have it, and counts them, until the person is content. */
export async function askAudience(
  ask: Questions,
  choices: Choices,
  reach: (audience: object) => Promise<Reach>,
): Promise<object> {
  for (;;) {
    const target = await askTarget(ask, choices);
    const audience = { ...target, ...(await askExclusion(ask, choices, await reach(target))) };
    const { targets, willBeSent } = await reach(audience);
    ask.say(`Audience: ${targets} people, of whom ${willBeSent} may be messaged now.`);
    if (await ask.confirm("Is that who it is for?", true)) return audience;
  }
}

async function askTarget(ask: Questions, { tags, lists }: Choices): Promise<object> {
  const kind = await ask.choose("Audience", [
    { value: "all", name: "everyone" },
    ...(tags.length === 0 ? [] : [{ value: "tags", name: "people with a tag" }]),
    ...(lists.length === 0 ? [] : [{ value: "list", name: "a list" }]),
    {
      value: "contacts",
      name: "single contacts",
      description: "For a segment, write the YAML: docs/guide/segments.md",
    },
  ]);
  if (kind === "tags") return askTags(ask, tags);
  if (kind === "list") return { type: "list", list: await ask.choose("List", groupChoices(lists)) };
  if (kind === "all") return { type: "all" };
  const phones = await ask.text("Phones, with blanks between them", {
    check: (answer) => answer.trim() !== "" || "Write one at least.",
  });
  return { type: "contacts", contacts: phones.trim().split(/[\s,;]+/) };
}

async function askTags(ask: Questions, tags: Choices["tags"]): Promise<object> {
  const chosen = await ask.chooseMany("Tags", groupChoices(tags), { atLeast: 1 });
  if (chosen.length === 1) return { type: "tags", tags: chosen };
  const match = await ask.choose("People with", [
    { value: "any", name: "any of them" },
    { value: "all", name: "all of them" },
  ]);
  return { type: "tags", tags: chosen, match };
}

async function askExclusion(ask: Questions, { tags }: Choices, { targets }: Reach): Promise<object> {
  ask.say(`${targets} people.`);
  if (tags.length === 0 || !(await ask.confirm("Leave anyone out?", false))) return {};
  const without = await ask.chooseMany("Without people who have the tag", groupChoices(tags));
  return without.length === 0 ? {} : { exclude: { tags: without } };
}
