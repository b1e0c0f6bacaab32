// The package as others get it: packed, installed from the tarball, imported, checked by their TypeScript, and put on the PATH.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { packageRoot, packageVersion } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, makeSender } from "../support/factories.ts";
import { npm, runProgram } from "../support/npm.ts";
import { documentBlock } from "./setup.ts";

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "adsapp-packed-"));
  await npm(packageRoot(), "pack", "--pack-destination", folder);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tsc = join(packageRoot(), "node_modules/typescript/bin/tsc");

describe("a project that installs the tarball", () => {
  let project: string;

  beforeAll(async () => {
    project = join(folder, "project");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), '{ "name": "scratch", "private": true, "type": "module" }');
    await npm(project, "install", "--omit=optional", tarball);
  });

  it("imports it as a module, and drives a real database with it", async () => {
    const testDatabase = await createTestDatabase();
    const database = new Database({ url: testDatabase.url });
    const organization = await makeOrganization(database);
    await makeSender(database, organization);
    await database.close();
    writeFileSync(
      join(project, "run.js"),
      `import { audit, BulkMessagingEngine, openDatabase } from "adsapp";
       const database = await openDatabase();
       const campaign = await new BulkMessagingEngine(database).createCampaign(${JSON.stringify(organization.id)}, {
         name: "Sale", targetAudience: { type: "all" }, message: { type: "text", text: "Hoi" } });
       console.log(campaign.name, campaign.status, (await audit(database)).ok);
       await database.close();`,
    );
    const env = { PATH: process.env.PATH, DATABASE_URL: testDatabase.url, ADSAPP_HOME: join(folder, "home") };
    const ran = await runProgram(process.execPath, ["run.js"], { cwd: project, env });
    await testDatabase.drop();
    expect(ran).toEqual({ stdout: "Sale draft true\n", stderr: "", exitCode: 0 });
  });

  it.each([
    ["nodenext", "nodenext"],
    ["bundler", "esnext"],
  ])(
    "is checked by TypeScript (%s), the document's own code too, and what is wrong is found",
    async (moduleResolution, module) => {
      writeFileSync(
        join(project, "check.ts"),
        `import { BulkMessagingEngine, DripCampaignEngine, type EnrollNode, openDatabase } from "adsapp";
       const database = await openDatabase();
       const bulkMessagingEngine = new BulkMessagingEngine(database);
       export async function asWritten(orgId: string) {
         ${documentBlock("Broadcast Campagne Workflow")}
         const rate: number = stats.statistics.deliveryRate;
         const startedAt: Date | null = stats.startedAt;
         return { rate, startedAt };
       }
       export async function drips(orgId: string) {
         const node: EnrollNode =
${documentBlock("Workflow Builder")};
         const engine = new DripCampaignEngine(database, { profileId: orgId });
         const { enrolled } = await engine.runAction(node, ["contact"]);
         await engine.createCampaign(orgId, {
           name: "x",
           trigger: "manual",
           steps: [{ delay: "2d", message: { type: "text", text: "Hoi" } }],
         });
         return enrolled.map(({ enrollmentId }) => enrollmentId.toUpperCase());
       }
       // Each of these says that tsc has to refuse the next line; where the shipped types let a mistake through, tsc fails by the unused directive.
       // @ts-expect-error there is no such audience
       bulkMessagingEngine.createCampaign("x", { name: "x", targetAudience: { type: "nobody" }, message: { type: "text" } });
       // @ts-expect-error an id is text
       bulkMessagingEngine.getCampaign(12);
       // @ts-expect-error a drip has steps
       new DripCampaignEngine(database).createCampaign("x", { name: "x" });`,
      );
      const flags = {
        moduleResolution,
        module,
        target: "es2023",
        lib: ["es2023", "dom"],
        types: [],
        strict: true,
      };
      writeFileSync(
        join(project, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { ...flags, noEmit: true, skipLibCheck: false },
          files: ["check.ts"],
        }),
      );
      const ran = await runProgram(process.execPath, [tsc, "-p", "."], { cwd: project });
      expect(ran).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    },
  );
});

describe("npm install -g", () => {
  it("gives an adsapp that tells its version and helps, and whose quickstart runs", async () => {
    const prefix = join(folder, "global");
    await npm(folder, "install", "-g", "--prefix", prefix, tarball);
    const home = mkdtempSync(join(tmpdir(), "adsapp-global-"));
    const env = { PATH: process.env.PATH, HOME: home, ADSAPP_HOME: join(home, "state"), TZ: "UTC" };
    const adsapp = (...args: string[]) => runProgram(join(prefix, "bin/adsapp"), args, { cwd: home, env });
    expect(await adsapp("--version")).toEqual({ stdout: `${packageVersion()}\n`, stderr: "", exitCode: 0 });
    expect((await adsapp("--help")).stdout).toContain("quickstart");
    const ran = await adsapp("quickstart");
    await runProgram(join(prefix, "bin/adsapp"), ["db", "reset", "--yes"], {
      cwd: home,
      env: { ...env, ADSAPP_HOME: join(home, "state/quickstart") },
    });
    rmSync(home, { recursive: true, force: true });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/every_table_is_walled\s+yes\s+0/);
  });
});
