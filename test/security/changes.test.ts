import { describeChanges } from "./suites.ts";

describeChanges(12);
