import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastInput } from "../../src/campaigns/definition.ts";
import { expandRuns } from "../../src/campaigns/expand.ts";
import { showCampaign } from "../../src/campaigns/show.ts";
import { NOW } from "../sending/setup.ts";
import { makeTemplate } from "../support/factories.ts";
import { asAdmin, runTick, s, started, usePlans } from "./plans.ts";

usePlans();

describe("an A/B test", () => {
  const variants = [
    { name: "A", weight: 60 },
    { name: "B", weight: 40, message: { text: "Hallo {{ contact.first_name }}" } },
  ];

  it("gives each person the message of one variant, and nothing to those held out; they are counted", async () => {
    const w = await s.world();
    await w.contacts(300);
    await w.contacts(5, { optedOutAt: NOW });
    const id = await started(w, { variants, settings: { holdout: 10 } });
    const before = await w.jobs({ id });
    await runTick(w);
    const sent = await w.rows<{ variant: string; body: string; name: string }>(
      `select j.variant, m.body, c.first_name as name from bulk_message_jobs j join messages m on m.bulk_message_job_id = j.id
         join contacts c on c.id = j.contact_id where j.campaign_id = $1`,
      [id],
    );
    expect(
      sent.filter(({ variant, body, name }) => body !== (variant === "A" ? "Hoi" : `Hallo ${name}`)),
    ).toEqual([]);
    expect(new Set(sent.map(({ variant }) => variant))).toEqual(new Set(["A", "B"]));
    expect(before.filter((job) => job.status === "skipped" && job.variant !== null)).toEqual([]);
    const shown = await asAdmin(w, (tx) => showCampaign(tx, w.organization.id, id));
    const { holdout = 0, opted_out } = shown.skipReasons;
    expect(opted_out).toBe(5);
    expect(holdout).toBeGreaterThan(10);
    expect(holdout).toBeLessThan(60);
    expect(shown.byVariant.map(({ name }) => name)).toEqual(["A", "B"]);
    expect(shown.byVariant.reduce((sum, each) => sum + each.sent, 0)).toBe(300 - holdout);
    expect(shown.status).toBe("completed");
  });

  it("sends the template of the variant, as it was at the start", async () => {
    const w = await s.world();
    await makeTemplate(s.database, w.organization, { name: "lang", body: "Lang {{1}}" });
    await makeTemplate(s.database, w.organization, { name: "kort", body: "Kort" });
    await w.contacts(40);
    const id = await started(w, {
      type: "notification",
      message: { type: "template", template: "lang", language: "nl", variables: { "1": "x" } },
      variants: [
        { name: "A", weight: 1 },
        { name: "B", weight: 1, message: { template: "kort", variables: {} } },
      ],
    });
    await w.rows(
      "update message_templates set components = '[]' where organization_id = $1 and name = 'kort'",
      [w.organization.id],
    );
    await runTick(w);
    const texts = await w.rows<{ variant: string; body: string }>(
      "select distinct j.variant, m.body from bulk_message_jobs j join messages m on m.bulk_message_job_id = j.id where j.campaign_id = $1 order by 1",
      [id],
    );
    expect(texts).toEqual([
      { variant: "A", body: "Lang x" },
      { variant: "B", body: "Kort" },
    ]);
    expect((await w.run({ id })).marketing).toBe(true); // by the variants' category
  });

  it("says which variant cannot be sent", async () => {
    const w = await s.world();
    const broken = [
      { name: "A", weight: 1 },
      { name: "B", weight: 1, message: { type: "template", template: "none" } },
    ];
    await expect(started(w, { variants: broken })).rejects.toThrow(
      'variant B: template "none" (nl) does not exist',
    );
    const twice = broadcastInput.safeParse({
      name: "x",
      targetAudience: { type: "all" },
      message: { type: "text", text: "x" },
      variants: [
        { name: "A", weight: 1 },
        { name: "A", weight: 0, message: { text: "" } },
      ],
    });
    expect(twice.error?.issues.map(({ path }) => path.join("."))).toEqual([
      "variants.1.weight",
      "variants.1.name",
    ]);
  });
});

describe("adsapp_share", () => {
  it("parts people evenly, the same way each time, by campaign and by purpose alike", async () => {
    const w = await s.world();
    const shares = (of: string, salt: string) =>
      w.rows<{ low: number; same: boolean; least: number; most: number }>(
        `select count(*) filter (where x.share < $3)::int as low, bool_and(x.share = adsapp_share($1::uuid, x.id, $2)) as same, min(x.share) as least, max(x.share) as most
           from (select g.id, adsapp_share($1::uuid, g.id, $2) as share from (select md5($1 || n::text)::uuid as id from generate_series(1, 4000) n) g) x`,
        [of, salt, 0.3],
      );
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.constantFrom("variant", "holdout"), async (id, salt) => {
        const [row] = await shares(id, salt);
        expect(row?.same).toBe(true);
        expect(Math.abs((row?.low ?? 0) - 1200)).toBeLessThan(6 * Math.sqrt(4000 * 0.3 * 0.7)); // one in 500 million misses
        expect(row?.least).toBeGreaterThanOrEqual(0);
        expect(row?.most).toBeLessThan(1);
      }),
      { numRuns: 20 },
    );
    const [known] = await w.rows<{ share: number }>(
      "select adsapp_share('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'variant') as share",
    );
    expect(known?.share).toMatchInlineSnapshot(`0.4343377212536357`); // for ever: a person stays in the variant
  });
});

it("the same person is given the same variant at a second expansion", async () => {
  const w = await s.world();
  await w.contacts(60);
  const variants = [
    { name: "A", weight: 1 },
    { name: "B", weight: 2 },
    { name: "C", weight: 1, message: { text: "C" } },
  ];
  const id = await started(w, { variants, settings: { holdout: 20 } });
  const given = () =>
    w.rows(
      "select contact_id, variant, skip_reason from bulk_message_jobs where campaign_id = $1 order by contact_id",
      [id],
    );
  const first = await given();
  const second = await w.rows(
    `select c.id as contact_id, case when adsapp_share($1, c.id, 'holdout') >= 0.2 then (array['A', 'B', 'C'])[1 + width_bucket(adsapp_share($1, c.id, 'variant'), array[0.25, 0.75])] end as variant,
            case when adsapp_share($1, c.id, 'holdout') < 0.2 then 'holdout' end as skip_reason
       from contacts c where c.organization_id = $2 order by c.id`,
    [id, w.organization.id],
  );
  expect(second).toEqual(first);
  expect(await expandRuns(s.database, { campaignId: id })).toEqual({ jobs: 0, skipped: 0 });
  await runTick(w);
});
