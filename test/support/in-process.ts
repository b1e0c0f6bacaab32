import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { packageRoot } from "../../src/root.ts";

/** What a process has of its own; a run in this process has its own of each, however many run at once. */
interface Surroundings {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  env: NodeJS.ProcessEnv;
}

export interface InProcess {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const surroundings = new AsyncLocalStorage<Surroundings>();

/** Whoever asks from within a run, the program or a library, gets the run's own; everybody else this process's. */
function ownDuringRuns(name: keyof Surroundings): void {
  const ofProcess = Object.getOwnPropertyDescriptor(process, name);
  const outside = () => (ofProcess?.get === undefined ? ofProcess?.value : ofProcess.get.call(process));
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => surroundings.getStore()?.[name] ?? outside(),
  });
}

for (const name of ["stdin", "stdout", "stderr", "env"] as const) ownDuringRuns(name);

type Main = (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

/** The bundled program, as bin/adsapp.js loads it. */
function builtMain(): Main {
  const load = join(packageRoot(), "bin", "load.cjs");
  const program = createRequire(load)(load).loadProgram() as { main: Main } | undefined;
  if (program === undefined) throw new Error("adsapp is not built. Run: npm run build");
  return program.main;
}

let main: Main | undefined;

/** Runs the built program's `main` in this process, on streams and an environment of its own. */
export async function runInProcess(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = "",
): Promise<InProcess> {
  main ??= builtMain();
  const program = main;
  const stdout = collector();
  const stderr = collector();
  const own = {
    stdin: Readable.from([Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
  };
  const exitCode = await surroundings.run(own, () => program(args, env));
  return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
