import { expect, it } from "vitest";
import { dripTriggers, ruleTriggers } from "../../src/definitions/triggers.ts";
import { setup } from "./setup.ts";

type Types = typeof dripTriggers | typeof ruleTriggers;

/** Each type of trigger, with the field that names what it listens to (a tag, an event), where it has one. */
const typesOf = (triggers: Types) =>
  triggers.options.map(({ shape }) => ({
    type: shape.type.value as string,
    names: Object.keys(shape).find((field) => field !== "type" && field !== "where"),
  }));

const OF_DRIPS = typesOf(dripTriggers);
const OF_RULES = typesOf(ruleTriggers);
/** Whoever enters by hand enters without an event. */
const OF_EVENTS = [...new Map([...OF_DRIPS, ...OF_RULES].map((each) => [each.type, each])).values()].filter(
  ({ type }) => type !== "manual",
);

const inOrder = (types: readonly { type: string }[]) => types.map(({ type }) => type).sort();

it("the database takes the types of triggers that files may have, no more and no less (a migration that is missing)", async () => {
  const s = await setup();
  const constraints = await s.query<{ name: string; words: string[] }>(
    `select conrelid::regclass::text || ' ' || conname as name,
            array(select w[1] from regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g') w order by 1) as words
       from pg_constraint where conname in ('trigger_type_is_known', 'type_is_known', 'named_where_it_counts')`,
  );
  const known = new Map(constraints.map(({ name, words }) => [name, words]));
  expect(known.get("drip_campaigns trigger_type_is_known")).toEqual(inOrder(OF_DRIPS));
  expect(known.get("automation_rules trigger_type_is_known")).toEqual(inOrder(OF_RULES));
  expect(known.get("contact_events type_is_known")).toEqual(inOrder(OF_EVENTS));
  const nameless = OF_EVENTS.filter(({ names }) => names === undefined);
  expect(known.get("contact_events named_where_it_counts")).toEqual(inOrder(nameless));
});

it("each type is set off by its own events alone, and by those of its own name", async () => {
  const s = await setup();
  const config = ({ type, names }: { type: string; names?: string }) =>
    names === undefined ? { type } : { type, [names]: "x" };
  for (const each of OF_DRIPS) await s.drip({ name: each.type, trigger: config(each) as never });
  for (const each of OF_RULES)
    await s.rule({ name: each.type, trigger: config(each), actions: [{ type: "add_tag", tag: each.type }] });
  const happen = (contactId: string, type: string, name: string | null) =>
    s.query("insert into contact_events (contact_id, type, name) values ($1, $2, $3)", [
      contactId,
      type,
      name,
    ]);
  await s.process();
  for (const { type, names } of OF_EVENTS) {
    const [met, other] = [await s.contact(), await s.contact()];
    await s.query("delete from contact_events");
    await happen(met, type, names === undefined ? null : "x");
    if (names !== undefined) await happen(other, type, "y");
    await s.process();
    const isOf = (types: readonly { type: string }[]) => types.some((each) => each.type === type);
    expect(await s.enrollmentsOf(met), type).toEqual(isOf(OF_DRIPS) ? [`${type} active`] : []);
    expect(await s.tagsOf(met), type).toEqual(isOf(OF_RULES) ? [type] : []);
    expect([...(await s.enrollmentsOf(other)), ...(await s.tagsOf(other))], type).toEqual([]);
  }
});
