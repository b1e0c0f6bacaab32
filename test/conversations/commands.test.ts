import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CommandSpec } from "../../src/cli/command.ts";
import agentList from "../../src/conversations/agent-list.command.ts";
import offline from "../../src/conversations/agent-offline.command.ts";
import online from "../../src/conversations/agent-online.command.ts";
import assign from "../../src/conversations/assign.command.ts";
import close from "../../src/conversations/close.command.ts";
import list from "../../src/conversations/list.command.ts";
import rate from "../../src/conversations/rate.command.ts";
import reply from "../../src/conversations/reply.command.ts";
import show from "../../src/conversations/show.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { minutesAgo } from "../webhooks/messages.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
let home: string;

beforeAll(async () => {
  s = await setup();
  home = mkdtempSync(join(tmpdir(), "adsapp-inbox-"));
});

afterEach(() => s.expectCleanAudit());
afterAll(async () => {
  await s.end();
  rmSync(home, { recursive: true, force: true });
});

type Given = Partial<Parameters<typeof runCommand>[2]>;

const run = (spec: CommandSpec<never[], never>, argv: readonly string[], given: Given = {}) =>
  runCommand(spec, argv, {
    databaseUrl: s.url,
    organization: s.organization.slug,
    user: "anna@jansen",
    format: "json",
    home,
    ...given,
  });

async function json(spec: CommandSpec<never[], never>, ...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr, exitCode } = await run(spec, argv);
  expect([exitCode, stderr.replace(/^The (answer|survey) was sent.*\n/, "")]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

it("a day of an agent: online, see who waits, answer, close, rate, offline", async () => {
  const person = await s.person();
  await s.says(person, "Is de taart klaar?");
  const phone = `0${person.waId.slice(2)}`;
  expect(await json(online)).toMatchObject({ email: "anna@jansen", onlineSince: expect.any(String) });
  expect(await json(online)).toMatchObject({ email: "anna@jansen" });
  const waiting = JSON.parse((await run(list, ["--waiting"])).stdout);
  expect(waiting).toMatchObject([
    { phone: `+${person.waId}`, status: "open", lastMessage: "Is de taart klaar?" },
  ]);
  expect(await json(reply, phone, "Ja, om tien uur.")).toMatchObject({
    status: "assigned",
    agent: "anna@jansen",
    waitingSince: null,
    messageId: expect.any(String),
  });
  expect(readFileSync(join(home, "messages.ndjson"), "utf8")).toContain("Ja, om tien uur.");
  expect(JSON.parse((await run(list, ["--waiting"])).stdout)).toEqual([]);
  const shown = await run(show, [phone], { format: "table" });
  expect(shown.stdout).toMatch(/Is de taart klaar\?[\s\S]*anna@jansen[\s\S]*Ja, om tien uur\./);
  expect(await json(assign, phone, "bas@jansen")).toMatchObject({ agent: "bas@jansen" });
  expect(await json(agentList)).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ email: "bas@jansen", openConversations: 1, onlineSince: null }),
    ]),
  );
  expect(await json(close, phone, "--survey")).toMatchObject({ status: "closed", agent: "bas@jansen" });
  expect(await json(rate, phone, "5", "--comment", "lekker")).toMatchObject({ rating: 5, comment: "lekker" });
  expect(await json(offline)).toMatchObject({ onlineSince: null });
  expect(JSON.parse((await run(list, ["--status", "closed", "--agent", "bas@jansen"])).stdout)).toHaveLength(
    1,
  );
});

describe("commands of conversations", () => {
  it("say when the window closed and what to do, with 1, and write nothing", async () => {
    const person = await s.person();
    await s.says(person, { at: minutesAgo(25 * 60) });
    const ran = await run(reply, [person.id, "Hoi"]);
    expect(ran).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ran.stderr).toMatch(
      /^error: the service window is closed: it ended at .*\nMeta takes free text within 24 hours .*template/,
    );
    expect(await run(close, [person.id, "--survey"])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("closed without a survey: the service window is closed"),
    });
  });

  it("tell a viewer with 5 that viewers only read, and let them read", async () => {
    const person = await s.person();
    await s.says(person);
    const as = { user: `viewer@${s.organization.slug}` };
    for (const [spec, ...argv] of [
      [reply, person.id, "Hoi"],
      [close, person.id],
      [close, person.id, "--survey"],
      [rate, person.id, "5"],
      [assign, person.id, "anna@jansen"],
      [online],
      [offline],
    ] as [CommandSpec<never[], never>, ...string[]][])
      expect([argv, await run(spec, argv, as)]).toMatchObject([argv, { exitCode: 5, stdout: "" }]);
    expect(await s.conversation(person)).toMatchObject({ status: "open" });
    expect((await run(show, [person.id], as)).exitCode).toBe(0);
    expect((await run(list, [], as)).exitCode).toBe(0);
  });

  it("answer another tenant's conversation, person and agent as they answer a random one, with 4", async () => {
    const person = await s.person();
    await s.says(person);
    const { id } = await s.conversation(person);
    const theirs = { organization: s.other.slug, user: undefined };
    const before = await s.conversation(person);
    for (const spec of [show, assign, close] as CommandSpec<never[], never>[])
      for (const word of [id, person.id, "00000000-0000-4000-8000-000000000000"])
        expect(await run(spec, [word], theirs)).toMatchObject({
          exitCode: 4,
          stderr: expect.stringContaining(`conversation "${word}" not found`),
        });
    expect((await run(reply, [id, "Hoi"], theirs)).exitCode).toBe(4);
    expect((await run(rate, [id, "1"], theirs)).exitCode).toBe(4);
    expect((await run(assign, [id, s.other.profileId])).exitCode).toBe(4);
    expect((await run(offline, [s.other.profileId])).exitCode).toBe(4);
    expect(await s.conversation(person)).toEqual(before);
  });

  it("end with 1 for what is closed, and an admin alone takes another offline", async () => {
    const person = await s.person();
    await s.says(person);
    await json(close, person.id);
    for (const [spec, ...argv] of [
      [close, person.id],
      [reply, person.id, "Hoi"],
      [assign, person.id],
    ] as [CommandSpec<never[], never>, ...string[]][])
      expect(await run(spec, argv)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("the conversation is closed"),
      });
    await json(online);
    expect(await run(offline, ["anna@jansen"], { user: "bas@jansen" })).toMatchObject({
      exitCode: 1,
      stdout: "",
    });
    expect((await run(offline, ["anna@jansen"], { user: undefined })).exitCode).toBe(0);
  });
});
