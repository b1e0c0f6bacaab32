import type { Database, Transaction } from "../db/database.ts";
import { type Identity, operator, worker } from "../db/identity.ts";
import { notFound } from "../errors.ts";
import { type Organization, resolveOrganization, resolveProfile } from "../organizations/organization.ts";
import { refuseViewer } from "../organizations/viewer.ts";

export interface EngineOptions {
  /**
   * The profile that acts: Row Level Security keeps it to its organization, and what it does is written down as its own.
   * Without one an engine serves every organization, each as its built-in `cli` profile: then the caller answers for who may.
   */
  profileId?: string;
}

/** In whose name a call works: an organization, and the profile that acts in it. */
export interface Acting {
  organization: Organization;
  identity: Identity;
}

const TABLES = { campaign: "bulk_campaigns", drip: "drip_campaigns" } as const;

/** What the engines have in common: from an organization, or the id of a thing, to who acts where. */
export class Engine {
  protected readonly database: Database;
  readonly #profileId: string | undefined;

  /** @param database of `openDatabase` */
  constructor(database: Database, options: EngineOptions = {}) {
    this.database = database;
    this.#profileId = options.profileId;
  }

  /** @param organization slug or id @throws UserError (4) for one that does not exist, or is not the profile's */
  protected in(organization: string): Promise<Acting> {
    return this.#acting((tx) => resolveOrganization(tx, organization));
  }

  /** Where a broadcast or drip is. @throws UserError (4) for an id that does not exist, or is not of the profile's organization */
  protected of(thing: keyof typeof TABLES, id: string): Promise<Acting> {
    return this.#acting(async (tx) => {
      const found = await tx.one<{ organizationId: string }>(
        `select organization_id from ${TABLES[thing]} where id = $1`,
        [requireId(thing, id)],
      );
      if (found === undefined) throw notFound(thing, id);
      return resolveOrganization(tx, found.organizationId);
    });
  }

  async #acting(find: (tx: Transaction) => Promise<Organization>): Promise<Acting> {
    const profileId = this.#profileId;
    const looker = profileId === undefined ? worker : operator(requireId("user", profileId));
    return this.database.transaction(looker, async (tx) => {
      const organization = await find(tx);
      const id = profileId ?? (await resolveProfile(tx, organization.id, undefined));
      return { organization, identity: operator(id) };
    });
  }

  protected read<T>({ identity }: Acting, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(identity, work);
  }

  /** Every organization's rows, so the query names its own. */
  protected worker<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(worker, work);
  }

  /** @throws UserError (5) for viewers */
  protected change<T>({ identity }: Acting, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(identity, async (tx) => {
      await refuseViewer(tx);
      return work(tx);
    });
  }
}

function requireId(noun: string, id: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw notFound(noun, id);
}
