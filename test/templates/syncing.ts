import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { addSender, listSenders, type NewSender } from "../../src/senders/senders.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { templateSchema } from "../../src/templates/definition.ts";
import { askAccounts, saveSynced } from "../../src/templates/sync.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

export const TOKEN = "EAAsecrettoken0123456789abcdef";
export const WABA = "102290129340398";

/** A database, and organizations with senders whose accounts the test answers for. */
export async function syncing() {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const asAdmin = <T>(organization: TestOrganization, work: (tx: Transaction) => Promise<T>) =>
    database.transaction(operator(organization.profileId), work);
  return {
    database,
    url: testDatabase.url,
    organization: () => makeOrganization(database),
    asAdmin,
    addSender: (organization: TestOrganization, apiUrl: string, given: Partial<NewSender> = {}) =>
      asAdmin(organization, (tx) => addSender(tx, organization.id, { ...sender(apiUrl), ...given }, false)),
    async sync(
      organization: TestOrganization,
      { dryRun = false, env = { TOKEN } as NodeJS.ProcessEnv } = {},
    ) {
      const senders = await asAdmin(organization, (tx) => listSenders(tx, organization.id));
      const asked = await askAccounts(senders, env, new AbortController().signal);
      const saved = await asAdmin(organization, (tx) =>
        saveSynced(tx, organization.id, asked.answered, { dryRun }),
      );
      return { ...asked, ...saved, warnings: [...asked.warnings, ...saved.warnings] };
    },
    async end() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

function sender(apiUrl: string): NewSender {
  return {
    name: "main",
    provider: "whatsapp-cloud",
    phoneNumberId: "1065",
    wabaId: WABA,
    portfolio: "default",
    apiUrl: `${apiUrl}/v25.0`,
    tokenEnv: "TOKEN",
    throughput: 80,
    isDefault: false,
  };
}

export const template = (name: string, given: { text?: string; language?: string; status?: string } = {}) =>
  templateSchema.parse({
    kind: "template",
    name,
    language: given.language ?? "nl",
    category: "MARKETING",
    status: given.status ?? "APPROVED",
    components: [{ type: "BODY", text: given.text ?? "Hoi {{1}}" }],
  });

/** A simulated account with these templates; it is gone with the test. */
export async function account(
  templates: ReturnType<typeof template>[],
  options: object = {},
): Promise<string> {
  const simulator = await startSimulator({ templates, token: TOKEN, pageSize: 2, wabaId: WABA, ...options });
  onTestFinished(() => simulator.close());
  return simulator.url;
}

/** A server that answers what the test says, whatever it is asked. */
export async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
