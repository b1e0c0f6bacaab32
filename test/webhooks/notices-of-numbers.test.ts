import { describe, expect, it } from "vitest";
import senderShow from "../../src/senders/show.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { messagesBody } from "./messages.ts";
import { s, sender, told, useNotices } from "./notices.ts";
import { sample } from "./samples.ts";

useNotices();

describe("news of a number", () => {
  it("sets its quality and its name, once a message has told which number is which", async () => {
    await s.apply(messagesBody([{ from: "31612345678" }]));
    expect(await sender()).toMatchObject({ toldPhone: "31201234567" });
    await s.apply(sample("number-quality"), sample("number-name"));
    expect(await sender()).toMatchObject({
      quality: "THROUGHPUT_UPGRADE",
      qualityAt: new Date(1_764_000_500_000),
      verifiedName: "Bakkerij Jansen",
    });
    const { stdout } = await runCommand(senderShow, ["main"], {
      databaseUrl: s.url,
      organization: s.organization.slug,
      format: "json",
    });
    expect(JSON.parse(stdout)).toMatchObject({
      quality: "THROUGHPUT_UPGRADE",
      verifiedName: "Bakkerij Jansen",
    });
  });

  it.each([
    ["TIER_2K", 2_000],
    ["TIER_250", 250],
    ["TIER_100K", 100_000],
    [2000, 2_000],
    ["2000", 2_000],
    [-1, null],
    ["TIER_UNLIMITED", null],
    ["TIER_NOT_SET", 50],
    [undefined, 50],
    [{}, 50],
  ])("sets the portfolio's messaging limit by %j to %s", async (told_, limit) => {
    const { id } = await s.row(
      "insert into portfolios (organization_id, name, messaging_limit) values ($1, 'main', 50) returning id",
      [s.organization.id],
    );
    await s.rows("update senders set portfolio_id = $1 where id = $2", [id, s.sender.id]);
    await s.apply(told("business_capability_update", { max_daily_conversations_per_business: told_ }));
    expect(await s.row("select messaging_limit from portfolios where id = $1", [id])).toEqual({
      messagingLimit: limit,
    });
  });

  it("does not bring back a limit that is older than what is known", async () => {
    const { id } = await s.row(
      "insert into portfolios (organization_id, name) values ($1, 'main') returning id",
      [s.organization.id],
    );
    await s.rows("update senders set portfolio_id = $1 where id = $2", [id, s.sender.id]);
    const of = (limit: number, at: number) =>
      told("business_capability_update", { max_daily_conversations_per_business: limit }, at);
    await s.apply(of(10_000, 2_000));
    await s.apply(of(2_000, 1_000));
    expect(await s.row("select messaging_limit from portfolios where id = $1", [id])).toEqual({
      messagingLimit: 10_000,
    });
  });
});
