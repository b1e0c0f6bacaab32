import { describeFiles } from "./strangers-files.ts";

describeFiles(Number.POSITIVE_INFINITY);
