import { cut } from "./width.ts";

/** Lines at the foot of a terminal that are drawn again in place. */
export interface Screen {
  draw(text: string): void;
}

/**
 * Draws over what it drew before. Lines are cut to the terminal's width, and to its height: one that wraps or scrolls
 * could not be drawn over. What it drew last stays.
 */
export function screen(terminal: NodeJS.WritableStream & { columns?: number; rows?: number }): Screen {
  let drawn = 0;
  return {
    draw(text) {
      const lines = text
        .split("\n")
        .slice(0, Math.max(1, (terminal.rows ?? 24) - 1))
        .map((line) => cut(line, Math.max(1, (terminal.columns ?? 80) - 1)));
      const back = drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`;
      terminal.write(`${back}${lines.join("\n")}\n`);
      drawn = lines.length;
    },
  };
}
