import { spawn } from "node:child_process";
import { defineCommand } from "../cli/command.ts";
import { type ExitCode as Code, ExitCode } from "../errors.ts";

export default defineCommand<[string[]]>({
  description:
    "Opens psql on the database in use; what follows -- goes to psql. Without psql on the PATH it prints the URL.",
  examples: ["adsapp db psql", 'adsapp db psql -- -c "select name, status from bulk_campaigns"'],
  scope: "none",
  declare(command) {
    command.argument("[psql-args...]", "for psql");
  },
  async run(context, _options, args) {
    const url = await context.databaseUrl();
    const child = spawn("psql", [url, ...args], { stdio: "inherit", env: context.env });
    return new Promise<Code>((resolve) => {
      child.once("error", () => {
        context.out.warn("there is no psql on the PATH; any PostgreSQL client opens this URL:");
        context.out.print(url);
        resolve(ExitCode.Failed);
      });
      child.once("exit", (code) => resolve(code === 0 ? ExitCode.Done : ExitCode.Failed));
    });
  },
});
