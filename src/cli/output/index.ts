export type { Column, Kind } from "./columns.ts";
export { maskPhone, maskSecrets } from "./mask.ts";
export { createOutput, type Format, guardPipe, type Output, type OutputOptions, useColor } from "./output.ts";
export { visible } from "./visible.ts";
