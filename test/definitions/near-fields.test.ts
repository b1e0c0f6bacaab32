import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { checkDefinition } from "../../src/definitions/read.ts";
import { definitionSchema } from "../../src/plans/folder.ts";
import { fieldsOf, mistyped, SAMPLES } from "./samples.ts";

function faultsOf(text: string): string {
  try {
    checkDefinition("f", text, definitionSchema);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("a field that is mistyped", () => {
  it.each(Object.entries(SAMPLES))(
    "of a %s is told with the name that was meant, at every level",
    (_kind, sample) => {
      expect(faultsOf(stringify(sample))).toBe("");
      const paths = fieldsOf(sample);
      expect(paths.length).toBeGreaterThan(15);
      const untold = paths.flatMap((path) => {
        const faults = faultsOf(stringify(mistyped(sample, path)));
        const wanted = `${path.join(".")}x is not a known field; did you mean ${path.at(-1)}?`;
        return faults.includes(wanted) ? [] : [`${wanted} <> ${faults}`];
      });
      expect(untold).toEqual([]);
    },
  );
});
