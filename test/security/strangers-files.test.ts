import { describeFiles } from "./strangers-files.ts";

describeFiles(1);
