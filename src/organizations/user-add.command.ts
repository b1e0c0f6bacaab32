import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { userColumns } from "./user-columns.ts";
import { addUser, ROLES, type Role } from "./users.ts";

interface Options {
  name?: string;
  role: Role;
  ifNotExists?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Adds a profile: someone who works in this organization. Viewers only read; agents work; admins also manage people and settings.",
  examples: [
    'adsapp user add anna@jansen.example --name "Anna de Wit" --role agent',
    "adsapp user add bas@jansen.example --role viewer --if-not-exists",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<email>", "how the person is named in --as")
      .option("--name <name>", "full name (default: the e-mail)")
      .addOption(new Option("--role <role>", "what the person may do").choices(ROLES).default("agent"))
      .option("--if-not-exists", "accept an existing one with the same role");
  },
  async run(context, options, email) {
    const { id } = await context.organization();
    const user = { email, fullName: options.name ?? email, role: options.role };
    await context.out.record(
      await context.operator((tx) => addUser(tx, id, user, options.ifNotExists === true)),
      userColumns,
    );
  },
});
