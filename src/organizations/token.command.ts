import { Argument } from "commander";
import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import type { Context } from "../cli/context.ts";
import { UserError } from "../errors.ts";
import { tokenColumns } from "./token-columns.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";

const ACTIONS = { create, list, revoke };
type Action = keyof typeof ACTIONS;

export default defineCommand<[Action, string?]>({
  description:
    "Tokens with which your own programs tell events (POST /events of adsapp webhook serve). One is shown once, when it is created, and kept as a\nhash; after revoke the next request with it is refused. Admins create and revoke.",
  examples: [
    "adsapp org token create webshop --format json",
    "adsapp org token list",
    "adsapp org token revoke webshop --yes",
  ],
  writes: true,
  declare(command) {
    command
      .addArgument(new Argument("<action>", "what to do").choices(Object.keys(ACTIONS)))
      .argument("[name]", "what the token is for; to revoke: its name or id");
  },
  run: (context, _options, action, name) => ACTIONS[action](context, name),
});

async function create(context: Context, name: string | undefined): Promise<void> {
  const { id } = await context.organization();
  const made = await context.operator((tx) => createToken(tx, id, given(name, "create")));
  await context.out.record(made, [{ key: "name" }, { key: "token" }]);
  context.out.say("Keep it: it cannot be shown again.");
}

async function list(context: Context): Promise<void> {
  const { id } = await context.organization();
  const tokens = await context.operator((tx) => listTokens(tx, id));
  await context.out.list(tokens, tokenColumns, {
    empty: "No tokens. Make one: adsapp org token create NAME",
  });
}

async function revoke(context: Context, name: string | undefined): Promise<void> {
  const organization = await context.organization();
  const token = given(name, "revoke");
  if (!(await confirm(`Revoke token ${token} of ${organization.name}?`, context.yes))) return;
  const revoked = await context.operator((tx) => revokeToken(tx, organization.id, token));
  await context.out.record(revoked, tokenColumns);
}

function given(name: string | undefined, action: Action): string {
  if (name !== undefined && name.trim() !== "") return name.trim();
  throw new UserError("which token?", { hint: `adsapp org token ${action} NAME` });
}
