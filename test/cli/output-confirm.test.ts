import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { confirm } from "../../src/cli/confirm.ts";
import { ExitCode, UserError } from "../../src/errors.ts";

function terminal(isTTY = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  return { stdin, stdout };
}

/** Asks, and presses the keys when the question stands there. */
async function asked(question: string, keys: string | null) {
  const { stdin, stdout } = terminal();
  let screen = "";
  stdout.on("data", (chunk) => {
    const fresh = screen === "";
    screen += String(chunk);
    if (fresh) setImmediate(() => (keys === null ? stdin.end() : stdin.write(keys)));
  });
  const answer = await confirm(question, false, { stdin, stdout }).catch((error: unknown) => error);
  return { answer, screen };
}

describe("confirm", () => {
  it("asks nothing with --yes", async () => {
    const { stdin, stdout } = terminal(false);
    expect(await confirm("Remove all?", true, { stdin, stdout })).toBe(true);
    expect(stdout.read()).toBeNull();
  });

  it("refuses off a terminal without --yes, and says what for", async () => {
    const error = await confirm("Remove \u001ball?", false, terminal(false)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: "this needs --yes when there is no terminal: Remove \\x1ball?",
      exitCode: ExitCode.Usage,
    });
  });

  it("takes y for yes, and Enter for no", async () => {
    expect((await asked("Remove all?", "y\n")).answer).toBe(true);
    expect((await asked("Remove all?", "\n")).answer).toBe(false);
  });

  it.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
    ["the end of the terminal", null],
  ])("ends with 130 at %s", async (_how, keys) => {
    const { answer } = await asked("Remove all?", keys);
    expect(answer).toBeInstanceOf(UserError);
    expect(answer).toMatchObject({ exitCode: ExitCode.Interrupted });
  });

  it("shows what hides in the question", async () => {
    const { screen } = await asked("Remove \u202eanna?", "\n");
    expect(screen).toContain("Remove \\u202eanna?");
  });
});
