import { setTimeout as delay } from 'node:timers/promises';
import { topicSpecs } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import { createPool, type Pool, transaction } from '@banyan/postgres';
import { type AnyEntity, topicOf } from '@banyan/transformer';

/** Who owns a schema of the V2 database, and who may read it. The projector's rows are read by the API and by operators. */
export const OWNERS = [
  { role: 'banyan_projector', schema: 'v2', readers: ['banyan_api', 'banyan_operator'] },
  { role: 'banyan_porter', schema: 'porter', readers: [] },
  { role: 'banyan_api', schema: 'api', readers: [] },
  { role: 'banyan_operator', schema: 'banyan', readers: [] },
] as const;

export type Role = (typeof OWNERS)[number]['role'];

/**
 * Makes a role and a schema per owner, each with its own password, so that each can move out to a database of its own.
 * Repeatable: what is there gets the given password and rights again, nothing is dropped.
 * @param adminUrl a connection that may create roles, to the V2 database
 */
export async function provisionDatabase(adminUrl: string, passwords: Readonly<Record<Role, string>>): Promise<void> {
  const pool = createPool({ url: adminUrl, applicationName: 'banyan-provision', max: 1 });
  try {
    for (const { role } of OWNERS) await takingTurns(() => provisionRole(pool, role, passwords[role]));
    for (const { role, schema, readers } of OWNERS) await provisionSchema(pool, role, schema, readers);
  } finally {
    await pool.end();
  }
}

async function provisionRole(pool: Pool, role: Role, password: string): Promise<void> {
  if (!/^[\w-]{8,}$/.test(password)) {
    throw new BanyanError(
      'OPERATIONS_PASSWORD_UNFIT',
      `The password of ${role} needs 8 or more letters, digits, _ or -.`,
    );
  }
  await transaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', ['banyan_provision']);
    const { rowCount } = await tx.query('select 1 from pg_roles where rolname = $1', [role]);
    // DDL takes no parameters; the password's alphabet is checked above.
    await tx.query(`${rowCount === 0 ? 'create' : 'alter'} role ${role} with login password '${password}'`);
  });
}

/** Made by another, or changed by another at the same moment ("tuple concurrently updated"). */
const AT_ONCE: ReadonlySet<unknown> = new Set(['42710', '23505', 'XX000']);
const TURNS = 10;

/**
 * Roles belong to the server, not to the database: another start may be making the same one right now. The lock keeps those of one
 * database apart; another database does not know of it, so whoever came second does it again.
 */
async function takingTurns(work: () => Promise<unknown>): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (turn === TURNS || !AT_ONCE.has((error as { code?: unknown }).code)) throw error;
      await delay(20 * turn);
    }
  }
}

async function provisionSchema(pool: Pool, role: Role, schema: string, readers: readonly Role[]): Promise<void> {
  await takingTurns(() => pool.query(`grant ${role} to current_user`));
  await pool.query(`create schema if not exists ${schema} authorization ${role}`);
  for (const reader of readers) {
    await pool.query(`grant usage on schema ${schema} to ${reader}`);
    await pool.query(`grant select on all tables in schema ${schema} to ${reader}`);
    await pool.query(
      `alter default privileges for role ${role} in schema ${schema} grant select on tables to ${reader}`,
    );
  }
}

/** Creates every topic that is missing; refuses one whose partition count is another. */
export async function provisionTopics(
  log: EventLog,
  prefix: string,
  entities: readonly AnyEntity[],
): Promise<readonly string[]> {
  const specs = topicSpecs(prefix, entities.map(topicOf));
  await log.createTopics(specs);
  return specs.map(({ name }) => name);
}
