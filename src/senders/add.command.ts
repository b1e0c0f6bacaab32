import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { checkedApiUrl, checkSender, DEFAULT_THROUGHPUT } from "./check.ts";
import { showColumns } from "./columns.ts";
import { type MessagingLimit, messagingLimit, wholeNumber } from "./flags.ts";
import { addSender, type NewSender, type Sender } from "./senders.ts";
import { mayHaveTokens } from "./token-host.ts";

interface Options {
  provider: Sender["provider"];
  phoneNumberId?: string;
  wabaId?: string;
  portfolio: string;
  messagingLimit?: MessagingLimit;
  apiUrl?: string;
  tokenEnv?: string;
  tokenFile?: string;
  appSecretEnv?: string;
  throughput: number;
  default?: boolean;
  ifNotExists?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Adds a WhatsApp number. The access token stays where it is: in an environment variable, or in a file of mode 0600. A sender\nwith --provider log needs no account: it accepts each message and writes it to messages.ndjson in ADSAPP_HOME.",
  examples: [
    "adsapp sender add main --phone-number-id 106540352242922 --waba-id 102290129340398 --token-env WHATSAPP_TOKEN",
    "adsapp sender add try --provider log --throughput 20",
  ],
  writes: true,
  declare(command) {
    command
      .argument("<name>", "how campaigns name it")
      .addOption(
        new Option("--provider <provider>", "who sends")
          .choices(["whatsapp-cloud", "log"])
          .default("whatsapp-cloud"),
      )
      .option("--phone-number-id <id>", "the number's id at Meta")
      .option("--waba-id <id>", "the WhatsApp Business Account's id")
      .option("--token-env <name>", "variable with the access token (NAME_FILE may name a file)")
      .option("--token-file <path>", "file with the access token, mode 0600")
      .option("--app-secret-env <name>", "variable with the app secret, for webhook signatures")
      .option(
        "--throughput <n>",
        "messages a second that Meta allows the number",
        wholeNumber,
        DEFAULT_THROUGHPUT,
      )
      .option("--portfolio <name>", "business portfolio whose limits it shares", "default")
      .option(
        "--messaging-limit <n>",
        "unique people whom the portfolio may message in 24 hours, or none; for all its senders",
        messagingLimit,
      )
      .option("--api-url <url>", "the Cloud API (ADSAPP_WHATSAPP_API_URL); http only on loopback")
      .option("--default", "campaigns without a sender use it (the first one does anyway)")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options, name) {
    const isCloud = options.provider === "whatsapp-cloud";
    const wanted: NewSender = {
      ...options,
      messagingLimit: options.messagingLimit === "none" ? null : options.messagingLimit,
      name,
      isDefault: options.default === true,
      apiUrl: isCloud ? checkedApiUrl(options.apiUrl ?? context.config.whatsappApiUrl) : undefined,
    };
    checkSender(wanted);
    const { id } = await context.organization();
    const sender = await context.operator((tx) => addSender(tx, id, wanted, options.ifNotExists === true));
    if (isCloud && !mayHaveTokens(sender.apiUrl ?? "", context.env)) {
      context.out.warn(
        `the host that runs adsapp tick needs ADSAPP_WHATSAPP_API_URL=${sender.apiUrl} to send a token there`,
      );
    }
    if (
      sender.tokenEnv !== null &&
      context.env[sender.tokenEnv] === undefined &&
      context.env[`${sender.tokenEnv}_FILE`] === undefined
    ) {
      context.out.warn(`${sender.tokenEnv} is not set here; the host that runs adsapp tick needs it`);
    }
    await context.out.record(sender, showColumns);
  },
});
