/**
 * Whether to write colours to a stream. `--no-color` and NO_COLOR win (no-color.org), then FORCE_COLOR (0 and
 * false mean no), then whether a person looks at it, on a terminal that knows colours.
 */
export function useColor(env: NodeJS.ProcessEnv, stream: { isTTY?: boolean }, noColorFlag: boolean): boolean {
  if (noColorFlag || (env.NO_COLOR ?? "") !== "") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return stream.isTTY === true && env.TERM !== "dumb";
}
