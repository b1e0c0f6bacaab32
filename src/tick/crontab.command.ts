import { join } from "node:path";
import { defineCommand } from "../cli/command.ts";
import { packageRoot } from "../root.ts";

export default defineCommand<[], { systemd?: boolean }>({
  description:
    "Prints the line that makes cron run adsapp tick each minute, or the units for systemd. Put it on as many hosts as you like.",
  examples: ["adsapp crontab", "adsapp crontab --systemd"],
  scope: "none",
  declare(command) {
    command.option("--systemd", "a service and a timer instead");
  },
  async run(context, options) {
    const program = [process.execPath, join(packageRoot(), "bin", "adsapp.js")];
    const environment = { ADSAPP_HOME: context.config.home };
    context.out.print(
      options.systemd === true ? systemdUnits(program, environment) : crontab(program, environment),
    );
    context.out.say("Add DATABASE_URL (when it is not the embedded one) and the senders' token variables.");
  },
});

/** Environment lines first: cron gives its commands next to none. It takes a bare % in a command for a line end. */
function crontab(program: readonly string[], environment: Record<string, string>): string {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = program.map(shellWord).join(" ").replaceAll("%", "\\%");
  return [...lines, `* * * * * ${command} tick`].join("\n");
}

function shellWord(text: string): string {
  return /^[\w/.:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quoted as systemd reads it, where % begins a specifier. */
function unitWord(text: string): string {
  const escaped = text.replaceAll("%", "%%");
  return /^[\w/.:@%+,=-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, "\\$&")}"`;
}

function systemdUnits(program: readonly string[], environment: Record<string, string>): string {
  const lines = Object.entries(environment).map(
    ([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`,
  );
  return [
    "# /etc/systemd/system/adsapp-tick.service",
    "[Unit]",
    "Description=adsapp tick",
    "",
    "[Service]",
    "Type=oneshot",
    ...lines,
    `ExecStart=${program.map(unitWord).join(" ")} tick`,
    "TimeoutStopSec=30",
    "",
    "# /etc/systemd/system/adsapp-tick.timer",
    "[Unit]",
    "Description=adsapp tick, each minute",
    "",
    "[Timer]",
    "OnCalendar=*:*:00",
    "AccuracySec=1s",
    "",
    "[Install]",
    "WantedBy=timers.target",
  ].join("\n");
}
