import { hopsOf, MAX_HOPS } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { EffectiveChange } from '@banyan/sink';

/**
 * Why an event that took effect is not sent by itself: too many events lie between it and a person or a clock, so something answers what
 * Banyan writes with another write, and each turn would be one more write at legacy. undefined = it is sent.
 */
export function echoOf(entity: string, { key, eventId, headers }: EffectiveChange): BanyanError | undefined {
  const hops = hopsOf(headers);
  if (hops <= MAX_HOPS) return undefined;
  return new BanyanError(
    'PORTER_ECHO',
    `${entity} ${key}: ${hops} events lie between event ${eventId} and a person or a clock, at most ${MAX_HOPS} may: something answers Banyan's writes with writes. Find it by ce_source and ce_correlationid (banyan trace ${entity} ${key}), stop it, then \`banyan parked replay ${entity} ${key}\` sends what is here.`,
    { data: { entity, key, eventId, hops } },
  );
}
