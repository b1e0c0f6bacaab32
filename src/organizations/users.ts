import type { Transaction } from "../db/database.ts";
import { ExitCode, UserError } from "../errors.ts";
import { builtInEmail, noSuchUser, type Organization } from "./organization.ts";

export const ROLES = ["admin", "agent", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  id: string;
  email: string;
  fullName: string;
  role: Role;
  createdAt: Date;
}

const COLUMNS = "id, email, full_name, role, created_at";

/** As operator: admins only (the policy says so). @throws UserError when the e-mail is taken or no e-mail at all */
export async function addUser(
  tx: Transaction,
  organizationId: string,
  user: { email: string; fullName: string; role: Role },
  ifNotExists: boolean,
): Promise<User> {
  if (!/^[^\s@]+@[^\s@]+$/.test(user.email)) throw new UserError(`"${user.email}" is not an e-mail address`);
  const found = await findUser(tx, organizationId, user.email);
  if (found !== undefined && ifNotExists && found.role === user.role) return found;
  if (found !== undefined) {
    throw new UserError(`user ${user.email} exists as ${found.role}`, {
      hint: "Remove it first to give it another role.",
      exitCode: ExitCode.Failed,
    });
  }
  const made = await tx.one<User>(
    `insert into profiles (organization_id, email, full_name, role) values ($1, $2, $3, $4) returning ${COLUMNS}`,
    [organizationId, user.email, user.fullName, user.role],
  );
  return made as User;
}

export function listUsers(tx: Transaction, organizationId: string): Promise<User[]> {
  return tx.query(`select ${COLUMNS} from profiles where organization_id = $1 order by email`, [
    organizationId,
  ]);
}

/** As operator: admins only. @throws UserError (4) unknown, (1) the built-in profile, (5) not an admin */
export async function removeUser(tx: Transaction, organization: Organization, email: string): Promise<User> {
  const user = await findUser(tx, organization.id, email);
  if (user === undefined) throw await noSuchUser(tx, organization.id, email);
  if (user.email === builtInEmail(organization.slug))
    throw new UserError("the built-in cli profile stays", { exitCode: ExitCode.Failed });
  const removed = await tx.run("delete from profiles where id = $1 and organization_id = $2", [
    user.id,
    organization.id,
  ]);
  if (removed === 0) {
    throw new UserError("only an admin removes users", {
      hint: "--as EMAIL acts as another profile.",
      exitCode: ExitCode.Forbidden,
    });
  }
  return user;
}

function findUser(tx: Transaction, organizationId: string, email: string): Promise<User | undefined> {
  return tx.one(`select ${COLUMNS} from profiles where organization_id = $1 and email = $2`, [
    organizationId,
    email,
  ]);
}
