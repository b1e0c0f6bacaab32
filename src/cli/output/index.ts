export { bar, sparkline } from "./bars.ts";
export { useColor } from "./color.ts";
export type { Column, Kind } from "./columns.ts";
export { maskPhone, maskSecrets } from "./mask.ts";
export { createOutput, type Format, type LogFormat, type Output, type OutputOptions } from "./output.ts";
export { guardPipe } from "./pipe.ts";
export { duration } from "./times.ts";
export { visible } from "./visible.ts";
