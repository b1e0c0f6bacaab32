import { join } from "node:path";
import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { refuseExisting } from "../cli/private-file.ts";
import { UserError } from "../errors.ts";
import { packageRoot } from "../root.ts";

export default defineCommand<[], { systemd?: boolean; into?: string }>({
  description:
    "Prints the line that makes cron run adsapp tick each minute, or with --systemd a service and a timer that do, shut off from all\nthat a tick does not need. Put it on as many hosts as you like.",
  examples: [
    "adsapp crontab",
    "adsapp crontab --systemd",
    "adsapp crontab --systemd --into units   # then: sudo cp units/* /etc/systemd/system/",
  ],
  scope: "none",
  declare(command) {
    command.option("--systemd", "a service and a timer instead").addOption(
      new Option(
        "--into <folder>",
        "write the units there (it is made if need be); none is overwritten",
      ).implies({
        systemd: true,
      }),
    );
  },
  async run(context, options) {
    const program = [process.execPath, join(packageRoot(), "bin", "adsapp.js")];
    const { home } = context.config;
    if (options.systemd !== true) {
      context.out.print(crontab(program, { ADSAPP_HOME: home }));
      context.out.say("Add DATABASE_URL (when it is not the embedded one) and the senders' token variables.");
      return;
    }
    const { ENVIRONMENT_FILE, systemdUnits } = await import("./systemd.ts");
    const units = systemdUnits(program, home);
    if (options.into === undefined)
      context.out.print(units.map(({ name, text }) => `# /etc/systemd/system/${name}\n${text}`).join("\n\n"));
    else await write(units, options.into);
    context.out.say(
      `DATABASE_URL (when it is not the embedded one) and the senders' token variables go into ${ENVIRONMENT_FILE}, mode 0600.
Then: systemctl daemon-reload && systemctl enable --now adsapp-tick.timer`,
    );
  },
});

/** All of them or none. @throws UserError when one is there, or the folder cannot be written to */
async function write(units: readonly { name: string; text: string }[], folder: string): Promise<void> {
  const { mkdir, writeFile } = await import("node:fs/promises");
  const refuse = (path: string) => (error: NodeJS.ErrnoException) => {
    throw new UserError(`${path} cannot be written (${error.code})`, { cause: error });
  };
  for (const { name } of units) refuseExisting(join(folder, name), false);
  await mkdir(folder, { recursive: true }).catch(refuse(folder));
  for (const { name, text } of units) {
    const path = join(folder, name);
    await writeFile(path, `${text}\n`, { flag: "wx", mode: 0o644 }).catch(refuse(path));
  }
}

/** Environment lines first: cron gives its commands next to none. It takes a bare % in a command for a line end. */
function crontab(program: readonly string[], environment: Record<string, string>): string {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = program.map(shellWord).join(" ").replaceAll("%", "\\%");
  return [...lines, `* * * * * ${command} tick`].join("\n");
}

function shellWord(text: string): string {
  return /^[\w/.:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
