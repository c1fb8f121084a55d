import { setTimeout as delay } from 'node:timers/promises';
import { BanyanError } from '@banyan/core';
import { catalogue } from './catalogue.js';
import type { EventType } from './event-type.js';
import { connectRegistry, type Registry, type RegistryOptions } from './registry.js';

export interface RegisteredSchema {
  /** The record's full name. */
  readonly subject: string;
  readonly id: number;
}

export interface RegisterOptions extends RegistryOptions {
  /** Default: every type in the catalogue. */
  readonly types?: Iterable<EventType>;
}

/**
 * Registers schemas under RecordNameStrategy, each subject with compatibility FULL_TRANSITIVE. Repeating it changes nothing.
 * For deployments, tests and the demo; services never register.
 * @throws `CONTRACTS_SCHEMA_REFUSED` where the registry refuses one; `CONTRACTS_REGISTRY_DOWN` (retryable)
 */
export async function registerSchemas(options: RegisterOptions): Promise<readonly RegisteredSchema[]> {
  const registry = connectRegistry(options);
  const registered: RegisteredSchema[] = [];
  // One after the other: a registry under concurrent first registrations may give one schema two ids.
  for (const type of options.types ?? catalogue.values()) {
    try {
      registered.push({ subject: type.name, id: await registerBesideOthers(registry, type) });
    } catch (error) {
      if (error instanceof BanyanError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new BanyanError(
        'CONTRACTS_SCHEMA_REFUSED',
        `The registry refused ${type.name}: ${reason}. Run \`npm run schemas:check\`; a change that is not compatible needs a new major version.`,
        { data: { subject: type.name, reason }, cause: error },
      );
    }
  }
  return registered;
}

/** How often somebody else may be first with a subject before it counts as refused. */
const ATTEMPTS = 5;
/** What the second is told while the first is between making a subject and setting its compatibility. */
const MADE_BY_ANOTHER = /already exists|does not match the configuration/i;

/**
 * Two deployments that register the same new subject at the same moment: the registry refuses the second, although
 * its schema is the same. Asked again it answers with the id.
 */
async function registerBesideOthers(registry: Registry, type: EventType): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await registry.register(type);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error && MADE_BY_ANOTHER.test(error.message))) throw error;
      await delay(50 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}
