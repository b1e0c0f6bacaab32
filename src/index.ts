/** The library: what `import … from "adsapp"` gives. */
export { Database, type DatabaseOptions, type Transaction } from "./db/database.ts";
export { type Identity, operator, worker } from "./db/identity.ts";
export { ExitCode, UserError } from "./errors.ts";
export { type EnrolledInDrip, type EnrollInDrip, enrollInDrip } from "./events/workflow.ts";
