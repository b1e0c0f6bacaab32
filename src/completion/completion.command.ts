import { Argument } from "commander";
import { defineCommand } from "../cli/command.ts";
import { SCRIPTS, type Shell } from "./scripts.ts";

export default defineCommand<[Shell]>({
  description:
    "Prints what a shell needs to complete commands, flags, their values, and names: of organizations, campaigns, drips, lists, senders,\ntemplates, rules, sources, users and tags, as the acting profile may see them. It never starts the embedded database. Its first line\nsays where to put it.",
  examples: [
    "adsapp completion bash > ~/.local/share/bash-completion/completions/adsapp",
    'adsapp completion zsh > "$HOME/.zsh/functions/_adsapp"',
    "adsapp completion fish > ~/.config/fish/completions/adsapp.fish",
  ],
  scope: "none",
  declare(command) {
    command.addArgument(new Argument("<shell>", "which one").choices(Object.keys(SCRIPTS)));
  },
  async run(context, _options, shell) {
    context.out.print(SCRIPTS[shell].trimEnd());
  },
});
