import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { widthOf } from "../../src/cli/output/width.ts";
import agents from "../../src/reports/agents.command.ts";
import analytics from "../../src/reports/analytics.command.ts";
import campaigns from "../../src/reports/campaigns.command.ts";
import channels from "../../src/reports/channels.command.ts";
import drip from "../../src/reports/drip.command.ts";
import failures from "../../src/reports/failures.command.ts";
import templates from "../../src/reports/templates.command.ts";
import { type Month, makeMonth, NOW } from "./month.ts";
import { runCommand } from "./run-command.ts";

let month: Month;

beforeAll(async () => {
  month = await makeMonth();
});

afterAll(() => month.end());

const REPORTS = { agents, analytics, campaigns, channels, drip, failures, templates };

const shownAt = async (spec: unknown, columns: number) => {
  const { stdout, stderr } = await runCommand(spec as typeof analytics, [], {
    databaseUrl: month.url,
    organization: "jansen",
    now: NOW,
    columns,
  });
  return { lines: stdout.trimEnd().split("\n"), stderr };
};

describe.each(Object.entries(REPORTS))("report %s on a terminal", (_name, spec) => {
  it.each([72, 80, 100, 200])("of %i columns keeps to them", async (columns) => {
    const { lines } = await shownAt(spec, columns);
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
    expect(lines.join("\n")).not.toMatch(/\d{4}-\d*…|█…/); // no day and no bar is cut
  });

  it("of 200 columns leaves nothing out", async () => {
    expect(await shownAt(spec, 200)).toMatchObject({ stderr: "" });
  });
});

describe("a report on a narrow terminal", () => {
  it("says what there was no room for, and keeps what tells most", async () => {
    const { lines, stderr } = await shownAt(analytics, 80);
    expect(stderr).toBe("No room here for: Delivered, Read, Replies\n");
    expect(lines.join("\n")).toMatch(/Campaign .*Sent +Failed +Opt-outs +rate +rate +rate/);
  });

  it("tells all of what to do about failures", async () => {
    const { lines } = await shownAt(failures, 80);
    const said = lines.map((line) => line.slice(-26).trim()).join(" ");
    expect(said).toContain("do not try again.");
    expect(lines.join("\n")).not.toContain("…");
  });

  it("tells times as people say them", async () => {
    const { lines } = await shownAt(agents, 200);
    expect(lines.find((line) => line.startsWith("Fatima"))).toMatch(
      / 95\.5 s .* 80\.0 s {2}.* 60 min .* 30 h 0 min$/,
    );
  });
});
