import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { makeWorld, type World } from "../cli/world.ts";
import { makeOrganization, makeSender } from "../support/factories.ts";

const TOKEN = `EAA${"G1h2".repeat(20)}`;

let w: World;
let count = 0;
/** a fresh organization for each test */
let org: string;

beforeAll(async () => {
  w = await makeWorld();
});

beforeEach(async () => {
  org = `org-${++count}`;
  await makeOrganization(w.database, { slug: org });
});

afterAll(() => w.end());

const run = (words: string, env: NodeJS.ProcessEnv = {}) => w.adsapp(`--org ${org} ${words}`, { env });
const json = <T>(words: string, env: NodeJS.ProcessEnv = {}) => w.json<T>(`--org ${org} ${words}`, { env });
const MAIN =
  "sender add main --phone-number-id 106540352242922 --waba-id 102290129340398 --token-env WHATSAPP_TOKEN --throughput 80";

describe("sender add", () => {
  it("adds a number as a day's work has it; the first one is the default", async () => {
    expect(await json(MAIN, { WHATSAPP_TOKEN: TOKEN })).toMatchObject({
      name: "main",
      provider: "whatsapp-cloud",
      phoneNumberId: "106540352242922",
      wabaId: "102290129340398",
      portfolio: "default",
      apiUrl: "https://graph.facebook.com/v25.0",
      tokenEnv: "WHATSAPP_TOKEN",
      tokenFile: null,
      appSecretEnv: null,
      throughputPerSecond: 80,
      isDefault: true,
      state: "active",
    });
    expect(await json("sender add second --provider log")).toMatchObject({ isDefault: false, apiUrl: null });
    expect(await json("sender add third --provider log --default")).toMatchObject({ isDefault: true });
    const senders = await json<{ name: string; isDefault: boolean }[]>("sender list");
    expect(senders.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["main", false],
      ["second", false],
      ["third", true],
    ]);
  });

  it("sets the messaging limit of its portfolio, which others share; sender set changes it", async () => {
    const limited = await json(`${MAIN} --messaging-limit 250`, { WHATSAPP_TOKEN: TOKEN });
    expect(limited).toMatchObject({ portfolio: "default", messagingLimit: 250 });
    const second = MAIN.replace("add main", "add second").replace("42922", "42923");
    expect(await json(second, { WHATSAPP_TOKEN: TOKEN })).toMatchObject({ messagingLimit: 250 });
    expect(await json("sender set second --messaging-limit 2000")).toMatchObject({ messagingLimit: 2000 });
    expect(await json("sender show main")).toMatchObject({ messagingLimit: 2000 });
    const differing = await run(`${MAIN} --if-not-exists --messaging-limit 250`);
    expect(differing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("messaging limit 2000") });
    expect(await json("sender set main --messaging-limit none")).toMatchObject({ messagingLimit: null });
  });

  it("sends as fast as sender set has it; what Meta has raised since is alike", async () => {
    await json(MAIN, { WHATSAPP_TOKEN: TOKEN });
    expect(await json("sender set main --throughput 1000")).toMatchObject({ throughputPerSecond: 1000 });
    expect(await json(`${MAIN} --if-not-exists`, { WHATSAPP_TOKEN: TOKEN })).toMatchObject({
      throughputPerSecond: 1000,
    });
    for (const rate of ["0", "1001", "2.5", "fast"]) {
      const { exitCode, stderr } = await run(`sender set main --throughput ${rate}`);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("--throughput") });
    }
    expect(await json("sender show main")).toMatchObject({ throughputPerSecond: 1000 });
  });

  it.each(["0", "-1", "2.5", "many", ""])(
    "refuses the messaging limit '%s': 2, and nothing is made",
    async (limit) => {
      for (const words of [MAIN, "sender set main"]) {
        const { exitCode, stderr } = await w.adsapp([
          "--org",
          org,
          ...words.split(" "),
          `--messaging-limit=${limit}`,
        ]);
        expect({ exitCode, stderr }).toEqual({
          exitCode: 2,
          stderr: expect.stringContaining("a number of people"),
        });
      }
      expect(await json("sender list")).toEqual([]);
    },
  );

  it("set wants something to change, and a sender that there is", async () => {
    await json(MAIN, { WHATSAPP_TOKEN: TOKEN });
    expect(await run("sender set main")).toMatchObject({ exitCode: 2 });
    expect(await run("sender set mian --messaging-limit 5")).toMatchObject({ exitCode: 4 });
    const viewed = await run(`--as viewer@${org} sender set main --messaging-limit 5`);
    expect(viewed).toMatchObject({ exitCode: 5 });
  });

  it("warns where the token's variable is not set, and shows the token nowhere", async () => {
    const { stderr, exitCode } = await run(MAIN);
    expect({ stderr, exitCode }).toEqual({
      stderr: "warning: WHATSAPP_TOKEN is not set here; the host that runs adsapp tick needs it\n",
      exitCode: 0,
    });
    for (const words of ["sender show main", "sender list --json", "sender show main --json --verbose"]) {
      const { stdout, stderr: talk } = await run(words, { WHATSAPP_TOKEN: TOKEN });
      expect(stdout + talk).not.toContain(TOKEN);
    }
    const file = await run(`${MAIN.replace("main", "other").replace("42922", "42923")}`, {
      WHATSAPP_TOKEN_FILE: "/run/secrets/token",
    });
    expect(file.stderr).toBe("");
  });

  it("is idempotent with --if-not-exists where it is alike, and says what differs", async () => {
    const made = await json(MAIN, { WHATSAPP_TOKEN: TOKEN });
    expect(await run(MAIN)).toMatchObject({
      stdout: "",
      exitCode: 1,
      stderr: expect.stringContaining('sender "main" exists\n'),
    });
    expect(await json(`${MAIN} --if-not-exists`, { WHATSAPP_TOKEN: TOKEN })).toEqual(made);
    const differing = [
      [MAIN.replace("80", "20"), "throughput 80"],
      [MAIN.replace("42922", "42923"), "phone number id 106540352242922"],
      [MAIN.replace("WHATSAPP_TOKEN", "OTHER_TOKEN"), "token variable WHATSAPP_TOKEN"],
      [`${MAIN} --app-secret-env APP_SECRET`, "app secret variable not set"],
      [`${MAIN} --portfolio other`, "portfolio default"],
      [`${MAIN} --api-url http://127.0.0.1:4010`, "API URL https://graph.facebook.com/v25.0"],
      ["sender add main --provider log", "provider whatsapp-cloud"],
    ] as const;
    for (const [words, said] of differing) {
      const { stderr, exitCode } = await run(`${words} --if-not-exists`);
      expect({ words, exitCode }).toEqual({ words, exitCode: 1 });
      expect(stderr).toContain(said);
    }
    expect(await json<object[]>("sender list")).toHaveLength(1);
  });

  it("refuses a number that another sender of the organization has: 1; another organization may have it", async () => {
    await json(MAIN, { WHATSAPP_TOKEN: TOKEN });
    const { stderr, exitCode } = await run(MAIN.replace("add main", "add second"));
    expect({ stderr, exitCode }).toEqual({
      stderr: 'error: sender "main" has this phone number id already\n',
      exitCode: 1,
    });
    org = `org-${count}-other`;
    await makeOrganization(w.database, { slug: org });
    expect(await json(MAIN, { WHATSAPP_TOKEN: TOKEN })).toMatchObject({ isDefault: true });
  });

  it.each([
    [
      "sender add main",
      ["--phone-number-id is the id", "give one of --token-env NAME and --token-file PATH"],
    ],
    [
      MAIN.replace("106540352242922", "+31612345678"),
      ["--phone-number-id is the id of the number at Meta: digits"],
    ],
    [MAIN.replace("102290129340398", "waba"), ["--waba-id is the id"]],
    [`${MAIN} --token-file /run/secrets/token`, ["give one of --token-env NAME and --token-file PATH"]],
    [MAIN.replace("WHATSAPP_TOKEN", "$TOKEN"), ["--token-env takes the name of an environment variable"]],
    [MAIN.replace("WHATSAPP_TOKEN", TOKEN), ["never the token itself"]],
    [`${MAIN} --app-secret-env 0123456789abcdef0123456789abcdef`, ["never the secret itself"]],
    [`${MAIN} --app-secret-env abcdef0123456789abcdef0123456789`, ["never the secret itself"]],
    [
      MAIN.replace("--token-env WHATSAPP_TOKEN", "--token-file token"),
      ["--token-file must be an absolute path"],
    ],
    [MAIN.replace("80", "0"), ["--throughput is from 1 to 1000"]],
    [MAIN.replace("80", "1001"), ["--throughput is from 1 to 1000"]],
    [MAIN.replace("80", "-5"), ["--throughput is from 1 to 1000"]],
    [MAIN.replace("80", "8.5"), ["It must be a whole number."]],
    ["sender add try --provider log --phone-number-id abc", ["--phone-number-id is the id"]],
    ["sender add try --provider log --waba-id abc", ["--waba-id is the id"]],
    ["sender add try --provider log --token-env a-b", ["--token-env takes the name"]],
    ["sender add try --provider twilio", ["Allowed choices are whatsapp-cloud, log."]],
  ])("refuses %s: 2, with its faults, and adds nothing", async (words, faults) => {
    const { stdout, stderr, exitCode } = await run(words);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    for (const fault of faults) expect(stderr).toContain(fault);
    expect(stderr).not.toContain(TOKEN);
    expect(await json("sender list")).toEqual([]);
  });

  it("takes the API's URL from --api-url, else from ADSAPP_WHATSAPP_API_URL, and keeps it", async () => {
    const env = { WHATSAPP_TOKEN: TOKEN, ADSAPP_WHATSAPP_API_URL: "http://127.0.0.1:4010" };
    expect(await json(MAIN, env)).toMatchObject({ apiUrl: "http://127.0.0.1:4010/v25.0" });
    expect(await json("sender show main")).toMatchObject({ apiUrl: "http://127.0.0.1:4010/v25.0" });
    const second = MAIN.replace("add main", "add second").replace("42922", "42923");
    expect(await json(`${second} --api-url https://proxy.example/meta/v24.0/`, env)).toMatchObject({
      apiUrl: "https://proxy.example/meta/v24.0",
    });
    const { stderr, exitCode } = await run(MAIN, { ADSAPP_WHATSAPP_API_URL: "http://graph.example" });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("is not https\nPlain http is only for a simulator on this machine.");
  });
});

describe("sender show and resume", () => {
  it("show says why a sender is halted; resume lets it send again, once", async () => {
    await json("sender add main --provider log");
    await w.database.transaction(worker, (tx) =>
      tx.run(
        `update senders set state = 'halted', halt_reason = '190: token expired', halted_at = '2026-11-24T10:00:00Z'
          where organization_id = (select id from organizations where slug = $1)`,
        [org],
      ),
    );
    expect(await json("sender show main")).toMatchObject({
      state: "halted",
      haltReason: "190: token expired",
      haltedAt: "2026-11-24T10:00:00.000Z",
    });
    expect(await json("sender resume main")).toMatchObject({
      state: "active",
      haltReason: null,
      haltedAt: null,
    });
    const again = await run("sender resume main");
    expect(again).toEqual({
      stdout: "",
      stderr: 'error: sender "main" is active, not halted\n',
      exitCode: 1,
    });
  });

  it("find a sender by its id too, and another tenant's not at all", async () => {
    const { id } = await json<{ id: string }>("sender add main --provider log");
    expect(await json(`sender show ${id}`)).toMatchObject({ name: "main" });
    const other = await makeOrganization(w.database);
    await makeSender(w.database, other, { name: "theirs" });
    expect(await run("sender show theirs")).toMatchObject({ exitCode: 4 });
  });

  it.each(["agent", "viewer"])(
    "are an admin's to add and change: an %s gets 5, and nothing changes",
    async (role) => {
      await json(MAIN, { WHATSAPP_TOKEN: TOKEN });
      await json(`user add ${role}@${org}.example --role ${role}`);
      await w.database.transaction(worker, (tx) =>
        tx.run("update senders set state = 'halted', halt_reason = '190', halted_at = adsapp_now()"),
      );
      const before = await json("sender show main");
      for (const words of [
        "sender add other --provider log",
        `${MAIN} --if-not-exists`,
        "sender set main --messaging-limit 5",
        "sender set main --display-phone +31201234567",
        "sender resume main",
      ]) {
        const { stderr, exitCode } = await run(`--as ${role}@${org}.example ${words}`);
        expect({ words, exitCode }).toEqual({ words, exitCode: 5 });
        expect(stderr).toBe(
          "error: only an admin adds and changes senders\n--as EMAIL acts as another profile.\n",
        );
      }
      expect(await json("sender show main")).toEqual(before);
      expect(await json("sender list")).toHaveLength(1);
    },
  );

  it("list says what to do while there is none", async () => {
    expect(await run("sender list")).toEqual({
      stdout: "",
      stderr: "No sender yet. Add one: adsapp sender add NAME\n",
      exitCode: 0,
    });
  });
});
