import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import command from "../../src/status/doctor/doctor.command.ts";
import { diskFinding, nodeFinding } from "../../src/status/doctor/host.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeOrganization, makeSender } from "../support/factories.ts";
import { change, database, found, organization, test, ticked, usePatient } from "./patient.ts";

usePatient();

describe("the doctor, of what turns around it", () => {
  it("says when no tick runs, when minutes were missed, and when the last one failed", async () => {
    expect(await found("ticks")).toMatchObject({
      verdict: "broken",
      found: "none has run yet",
      mend: expect.stringContaining("adsapp crontab"),
    });
    await ticked("m > 20");
    expect(await found("ticks")).toMatchObject({
      verdict: "broken",
      found: expect.stringMatching(/^none since/),
    });
    await ticked("m in (0, 1, 2, 3, 5)");
    expect(await found("ticks")).toMatchObject({
      verdict: "warn",
      found: "16 minutes of the last day had none",
    });
    await change(
      "update tick_runs set error = 'no connection' where started_at = (select max(started_at) from tick_runs)",
    );
    expect(await found("tick")).toMatchObject({
      verdict: "broken",
      found: "the last one failed: no connection",
    });
  });

  it("says when webhook bodies wait, or could not be applied", async () => {
    await change(
      "insert into webhook_inbox (body, received_at) values ('{}', adsapp_now() - interval '10 minutes')",
    );
    expect(await found("inbox")).toMatchObject({ verdict: "broken", mend: "adsapp tick --only inbox" });
    await change("update webhook_inbox set error = 'not JSON'");
    expect(await found("inbox")).toMatchObject({ verdict: "warn", mend: "adsapp webhook replay" });
  });

  it("says what comes first where nothing is set up", async () => {
    expect(await found("organization", {}, randomUUID())).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("adsapp org create"),
    });
  });

  it("says when there is no sender, and asks nothing of one that writes to a log", async () => {
    expect(await found("sender")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("adsapp sender add"),
    });
    await makeSender(database, organization);
    expect(await found("token")).toMatchObject({ verdict: "ok", subject: `${organization.slug}/main` });
    expect(await found("webhooks")).toMatchObject({ verdict: "ok" });
  });
});

describe("the doctor, of the host", () => {
  it("says when node is too old", () => {
    expect(nodeFinding("20.18.3")).toMatchObject({ verdict: "broken" });
    expect(nodeFinding("20.19.0")).toMatchObject({ verdict: "ok" });
    expect(nodeFinding("24.1.0")).toMatchObject({ verdict: "ok" });
  });

  it("looks at the disk where the state folder is, or will be", async () => {
    expect(await diskFinding("/tmp/not/made/yet", true)).toMatchObject({
      check: "disk",
      found: expect.stringContaining("in /tmp, where"),
    });
  });
});

describe("adsapp doctor", () => {
  const run = (format: "table" | "json", slug?: string) =>
    runCommand(command, [], {
      databaseUrl: test.url,
      format,
      ...(slug === undefined ? {} : { organization: slug }),
    });

  it("ends with 1 when something is broken, and gives JSON of a shape that monitors rely on", async () => {
    const { stdout, exitCode } = await run("json");
    const diagnosis = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(Object.keys(diagnosis)).toEqual(["ok", "findings"]);
    for (const finding of diagnosis.findings)
      expect(Object.keys(finding)).toEqual(["check", "subject", "verdict", "found", "mend"]);
  });

  it("keeps to the organization of --org, and says that it does not exist", async () => {
    const other = await makeOrganization(database);
    await makeSender(database, other, { name: "hun lijn" });
    expect((await run("table", organization.slug)).stdout).not.toContain("hun lijn");
    expect((await run("table")).stdout).toContain(`${other.slug}/hun lijn`);
    expect(await run("table", "nobody")).toMatchObject({ exitCode: 4 });
  });

  it("writes nothing", async () => {
    await makeSender(database, organization);
    const rows = () => database.transaction(worker, (tx) => tx.query("select xmin::text, id from senders"));
    const before = await rows();
    await run("json");
    expect(await rows()).toEqual(before);
    expect(await database.transaction(worker, (tx) => tx.query("select from tick_runs"))).toEqual([]);
  });
});
