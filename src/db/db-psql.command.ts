import { spawn } from "node:child_process";
import { defineCommand } from "../cli/command.ts";
import { type ExitCode as Code, ExitCode } from "../errors.ts";
import { secureUrl } from "./secure-url.ts";

export default defineCommand<[string[]]>({
  description:
    "Opens psql on the database in use; what follows -- goes to psql. The password reaches it by its environment: a command line is everybody's to read.",
  examples: ["adsapp db psql", 'adsapp db psql -- -c "select name, status from bulk_campaigns"'],
  scope: "none",
  declare(command) {
    command.argument("[psql-args...]", "for psql");
  },
  async run(context, _options, args) {
    const { url, password } = withoutPassword(secureUrl(await context.databaseUrl()));
    const env = password === undefined ? context.env : { ...context.env, PGPASSWORD: password };
    const child = spawn("psql", [url, ...args], { stdio: "inherit", env });
    return new Promise<Code>((resolve) => {
      child.once("error", () => {
        context.out.fail(
          "there is no psql on the PATH",
          "adsapp db url prints the URL for any PostgreSQL client.",
        );
        resolve(ExitCode.Failed);
      });
      child.once("exit", (code) => resolve(code === 0 ? ExitCode.Done : ExitCode.Failed));
    });
  },
});

/** The password stands before the last @ of the place, or among the parameters. */
export function withoutPassword(whole: string): { url: string; password: string | undefined } {
  const [place = "", query = ""] = whole.split(/\?(.*)/s);
  const found = /^(\w+:\/\/[^:@/]*):(.*)(@[^@]*)$/s.exec(place);
  const parameters = new URLSearchParams(query);
  const password = parameters.get("password") ?? (found?.[2] && decodeURIComponent(found[2])) ?? undefined;
  parameters.delete("password");
  const bare = found === null ? place : `${found[1]}${found[3]}`;
  return { url: parameters.size === 0 ? bare : `${bare}?${parameters}`, password: password || undefined };
}
