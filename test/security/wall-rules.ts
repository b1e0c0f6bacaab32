import pg from "pg";
import type { Attempt, Walls, Who } from "./walls.ts";

export const DENIED = "42501";

/** Rules within an organization: what an agent may not do, and what nobody may. */
export function ruleAttempts({ mine }: Walls, table: string, who: Who): Attempt[] {
  const agent = who.name === "agent";
  const of = pg.escapeLiteral(mine.id);
  const rules: Record<string, Attempt[]> = {
    organizations: [
      { what: "change it", sql: "update organizations set name = 'x'", allowed: [agent ? 0 : 1] },
    ],
    profiles: [
      {
        what: "add one",
        sql: `insert into profiles (organization_id, full_name, email, role) values (${of}, 'New', 'new@mine', 'admin')`,
        allowed: [agent ? DENIED : 1],
      },
      {
        what: "change one",
        sql: `update profiles set full_name = 'x' where id = auth.uid()`,
        allowed: [agent ? 0 : 1],
      },
      {
        what: "remove one",
        sql: `delete from profiles where email like 'viewer%'`,
        allowed: [agent ? 0 : 1],
      },
    ],
    organization_tokens: [
      {
        what: "make one",
        sql: `insert into organization_tokens (organization_id, name, token_hash) values (${of}, 'new', sha256('new'))`,
        allowed: [agent ? DENIED : 1],
      },
      {
        what: "change one",
        sql: "update organization_tokens set revoked_at = adsapp_now()",
        allowed: [agent ? 0 : 1],
      },
    ],
    senders: [
      {
        what: "add one",
        sql: `insert into senders (organization_id, name, provider) values (${of}, 'new', 'log')`,
        allowed: [agent ? DENIED : 1],
      },
      {
        what: "change one",
        sql: "update senders set token_env = 'ANOTHER' where name = 'main'",
        allowed: [agent ? 0 : 1],
      },
      {
        what: "remove one",
        sql: "delete from senders where name = 'unused'",
        allowed: [agent ? 0 : 1],
      },
    ],
    portfolios: [
      {
        what: "add one",
        sql: `insert into portfolios (organization_id, name) values (${of}, 'new')`,
        allowed: [agent ? DENIED : 1],
      },
      {
        what: "change one",
        sql: "update portfolios set messaging_limit = null where name = 'main'",
        allowed: [agent ? 0 : 1],
      },
      {
        what: "remove one",
        sql: "delete from portfolios where name = 'unused'",
        allowed: [agent ? 0 : 1],
      },
    ],
    drip_campaign_steps: [
      {
        what: "remove one that has messages",
        sql: "delete from drip_campaign_steps s where exists (select from drip_message_logs l where l.step_id = s.id)",
        allowed: [0],
      },
    ],
    agent_sessions: [
      {
        what: "end another's",
        sql: "update agent_sessions set offline_at = adsapp_now() where agent_id <> auth.uid()",
        allowed: [agent ? 0 : 1],
      },
      {
        what: "end one's own",
        sql: "update agent_sessions set offline_at = adsapp_now() where agent_id = auth.uid()",
        allowed: [1],
      },
    ],
    message_templates: [
      {
        what: "remove one that has messages",
        sql: "delete from message_templates t where exists (select from template_usage_analytics u where u.template_id = t.id)",
        allowed: [0],
      },
    ],
  };
  return ["admin", "agent"].includes(who.name) ? (rules[table] ?? []) : [];
}
