import { describeDoors } from "./suites.ts";

describeDoors(3_000);
