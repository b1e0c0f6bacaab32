import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { META_API_URL, readConfig, readSecret } from "../src/config.ts";
import { UserError } from "../src/errors.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "adsapp-config-"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const withFile = (value: unknown) =>
  writeFileSync(join(home, "config.json"), typeof value === "string" ? value : JSON.stringify(value));

const read = (env: NodeJS.ProcessEnv = {}) => readConfig({ ADSAPP_HOME: home, ...env });

function faultsOf(env: NodeJS.ProcessEnv = {}): string[] {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    return (error as UserError).message.split("\n");
  }
  return [];
}

function secretFile(text: string, mode = 0o600): string {
  const path = join(home, "secret");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe("the configuration", () => {
  it("has defaults for all of it", () => {
    expect(read()).toEqual({
      home,
      databaseUrl: undefined,
      workerDatabaseUrl: undefined,
      operatorDatabaseUrl: undefined,
      organization: undefined,
      user: undefined,
      whatsappApiUrl: META_API_URL,
      webhookAppSecret: undefined,
      laneLeaseSeconds: 30,
    });
  });

  it("takes the environment first, then config.json", () => {
    withFile({ organization: "from-file", user: "anna@file.example", databaseUrl: "postgresql://file/x" });
    expect(read()).toMatchObject({
      organization: "from-file",
      user: "anna@file.example",
      databaseUrl: "postgresql://file/x",
    });
    const env = { ADSAPP_ORG: "from-env", ADSAPP_USER: "bas@env.example", DATABASE_URL: "postgres://env/x" };
    expect(read(env)).toMatchObject({
      organization: "from-env",
      user: "bas@env.example",
      databaseUrl: "postgres://env/x",
    });
  });

  it("takes an empty or blank variable as one that is not set", () => {
    withFile({ organization: "from-file", user: " " });
    expect(read({ ADSAPP_ORG: "", DATABASE_URL: "  ", ADSAPP_LANE_LEASE: " " })).toMatchObject({
      organization: "from-file",
      user: undefined,
      databaseUrl: undefined,
      laneLeaseSeconds: 30,
    });
  });

  it.each([
    ["postgresql://adsapp@localhost/adsapp?host=%2Ftmp%2Fs&port=5432", []],
    ["postgres://adsapp@/adsapp?host=/var/run/postgresql", []],
    ["postgresql:///adsapp", []],
    [
      "mysql://root:geheim@localhost/x",
      ["DATABASE_URL (or databaseUrl in config.json) must start with postgresql://"],
    ],
    ["postgresql://u:geheim@[bad/x", ["DATABASE_URL (or databaseUrl in config.json) is not a URL"]],
    ["postgresql://u:geheim@host:99999/x", ["DATABASE_URL (or databaseUrl in config.json) is not a URL"]],
  ])("says of the URL %s what is wrong, and never repeats it", (url, faults) => {
    expect(faultsOf({ DATABASE_URL: url })).toEqual(faults);
  });

  it("tells every fault at once", () => {
    withFile({ organisation: "jansen", user: 5, nonsense: true });
    const faults = faultsOf({
      DATABASE_URL: "mysql://x",
      ADSAPP_WORKER_DATABASE_URL: "worker",
      ADSAPP_OPERATOR_DATABASE_URL: "postgresql://[",
      ADSAPP_WEBHOOK_APP_SECRET_FILE: join(home, "missing"),
      ADSAPP_LANE_LEASE: "soon",
      ADSAPP_CONCURRENCY: "many",
    });
    const file = join(home, "config.json");
    expect(faults).toEqual([
      `${file}: "organisation" is unknown; did you mean "organization"?`,
      `${file}: "user" must be text`,
      `${file}: "nonsense" is unknown; it may hold organization, user, databaseUrl`,
      `the secret file ${join(home, "missing")} cannot be read`,
      'ADSAPP_LANE_LEASE must be a duration of 1s or more, such as 30s, not "soon"',
      'ADSAPP_CONCURRENCY must be a number from 1 to 9999, not "many"',
      "DATABASE_URL (or databaseUrl in config.json) must start with postgresql://",
      "ADSAPP_WORKER_DATABASE_URL must start with postgresql://",
      "ADSAPP_OPERATOR_DATABASE_URL is not a URL",
    ]);
  });

  it.each([
    ['{"databaseUrl": "postgresql://u:geheim@h/x",', "is not valid JSON"],
    ["", "is not valid JSON"],
    ["[]", "must hold a JSON object"],
    ["null", "must hold a JSON object"],
    ['"jansen"', "must hold a JSON object"],
  ])("refuses config.json with %j, and quotes nothing of it", (text, fault) => {
    withFile(text);
    expect(faultsOf()).toEqual([`${join(home, "config.json")} ${fault}`]);
  });

  it("refuses a config.json that is a folder", () => {
    mkdirSync(join(home, "config.json"));
    expect(faultsOf()).toEqual([`${join(home, "config.json")} cannot be read`]);
  });

  it("takes __proto__ in config.json as a key that it does not know", () => {
    withFile('{"__proto__": {"organization": "evil"}}');
    expect(faultsOf()[0]).toMatch(/"__proto__" is unknown/);
    expect(({} as { organization?: string }).organization).toBeUndefined();
  });
});

describe("the state folder", () => {
  it.each([
    ["ADSAPP_HOME", { ADSAPP_HOME: "/a", XDG_DATA_HOME: "/x", HOME: "/h" }, "/a"],
    ["a relative ADSAPP_HOME, which cron could not find", { ADSAPP_HOME: "state" }, resolve("state")],
    ["the XDG data folder", { XDG_DATA_HOME: "/x", HOME: "/h" }, "/x/adsapp"],
    [
      "the person's own, where the XDG one is relative",
      { XDG_DATA_HOME: "x", HOME: "/h" },
      "/h/.local/share/adsapp",
    ],
    ["the person's own", { HOME: "/h" }, "/h/.local/share/adsapp"],
  ])("is %s", (_what, env, expected) => {
    expect(readConfig(env).home).toBe(expected);
  });
});

describe("ADSAPP_LANE_LEASE", () => {
  it.each([
    ["30s", 30],
    ["2m", 120],
    ["1500ms", 1.5],
    ["5", 5],
    ["1.5s", 1.5],
    [" 10s ", 10],
  ])("%j is %d seconds", (text, seconds) => {
    expect(read({ ADSAPP_LANE_LEASE: text }).laneLeaseSeconds).toBe(seconds);
  });

  it.each(["0", "0s", "999ms", "-5s", "5 apples", "1h30", "Infinity", "NaN", "1e3"])(
    "%j is refused",
    (text) => {
      expect(faultsOf({ ADSAPP_LANE_LEASE: text })).toEqual([
        `ADSAPP_LANE_LEASE must be a duration of 1s or more, such as 30s, not "${text}"`,
      ]);
    },
  );
});

describe("a secret", () => {
  it("is the variable's own, before the file's", () => {
    const env = { TOKEN: "own", TOKEN_FILE: secretFile("from the file\n") };
    expect(readSecret(env, "TOKEN")).toBe("own");
    expect(readSecret({ ...env, TOKEN: "" }, "TOKEN")).toBe("from the file");
    expect(readSecret({}, "TOKEN")).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o644, 0o660, 0o666, 0o700 | 0o001])("is refused from a file of mode %o", (mode) => {
    const path = secretFile("geheim", mode);
    expect(() => readSecret({ TOKEN_FILE: path }, "TOKEN")).toThrow(
      `the secret file ${path} can be read by others`,
    );
    expect(faultsOf({ ADSAPP_WEBHOOK_APP_SECRET_FILE: path })).toEqual([
      `the secret file ${path} can be read by others`,
    ]);
  });

  it.each([0o600, 0o400])("is taken from a file of mode %o", (mode) => {
    expect(read({ ADSAPP_WEBHOOK_APP_SECRET_FILE: secretFile("geheim", mode) }).webhookAppSecret).toBe(
      "geheim",
    );
  });

  it.each([
    ["postgresql://u:geheim@h/x", 0o644, true],
    ["postgresql://u:ge@heim/1@h/x", 0o640, true],
    ["postgresql://u@h/x?password=geheim", 0o604, true],
    ["postgresql://u:geheim@h/x", 0o600, false],
    ["postgresql://u@h:5432/x", 0o644, false],
    ["postgresql://u@localhost:5432/x?host=%2Frun&options=a@b", 0o644, false],
    ["postgresql:///x", 0o644, false],
  ])("of the database in config.json is as one in a file: %s, mode %o", (databaseUrl, mode, isRefused) => {
    const file = join(home, "config.json");
    withFile({ databaseUrl });
    chmodSync(file, mode);
    expect(faultsOf()).toEqual(
      isRefused ? [`${file} holds a password and can be read by others: chmod 600 ${file}`] : [],
    );
  });

  it("is refused from a file that is empty, or a folder", () => {
    expect(() => readSecret({ TOKEN_FILE: secretFile(" \n") }, "TOKEN")).toThrow(/is empty$/);
    const folder = join(home, "folder");
    mkdirSync(folder, { mode: 0o700 });
    expect(() => readSecret({ TOKEN_FILE: folder }, "TOKEN")).toThrow(/cannot be read$/);
  });
});

describe("ADSAPP_CONCURRENCY", () => {
  it.each([
    ["1", 1],
    [" 500 ", 500],
    ["9999", 9999],
    ["", undefined],
  ])("%j is %d requests at once", (text, requests) => {
    expect(read({ ADSAPP_CONCURRENCY: text }).concurrency).toBe(requests);
  });

  it.each(["0", "-1", "1.5", "10000", "1e3"])("%j is refused", (text) => {
    expect(faultsOf({ ADSAPP_CONCURRENCY: text })).toEqual([
      `ADSAPP_CONCURRENCY must be a number from 1 to 9999, not "${text}"`,
    ]);
  });
});
