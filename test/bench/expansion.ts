import { startCampaign } from "../../src/campaigns/start.ts";
import { operator } from "../../src/db/identity.ts";
import { makeCampaign, makeContacts, makeOrganization, makeSender } from "../support/factories.ts";
import { type Bench, timed } from "./measure.ts";

const PEOPLE = Number(process.env.ADSAPP_BENCH_PEOPLE ?? 1_000_000);

/** An audience written out by `campaign start`, with triggers and counters, against the bare INSERT … SELECT. */
export const expansion: Bench = async ({ newDatabase }) => {
  const { database, sql } = await newDatabase();
  const organization = await makeOrganization(database);
  await makeSender(database, organization);
  await makeContacts(database, organization, PEOPLE);
  await sql("analyze contacts");
  const draft = () => makeCampaign(database, organization, { status: "draft" });
  const expanded: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 2; round++) {
    const { id } = await draft();
    const started = () => startCampaign(database, operator(organization.profileId), organization.id, id);
    expanded.push(await timed(started));
    const other = await draft();
    const insert = `insert into bulk_message_jobs (organization_id, campaign_id, seq, contact_id)
      select c.organization_id, $1, row_number() over (), c.id from contacts c`;
    bare.push(await timed(() => sql(insert, [other.id])));
  }
  const perSecond = (times: number[]) => (PEOPLE / Math.min(...times)) * 1000;
  return [
    { what: `expansion of ${PEOPLE} recipients`, value: perSecond(expanded), unit: "rows/s" },
    { what: "the bare INSERT … SELECT", value: perSecond(bare), unit: "rows/s" },
    {
      what: "share of the bare INSERT … SELECT",
      value: perSecond(expanded) / perSecond(bare),
      unit: "",
      wanted: "at least 0.7, aim 0.9",
    },
  ];
};
