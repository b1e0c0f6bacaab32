import { describeDoors } from "./suites.ts";

describeDoors(150);
