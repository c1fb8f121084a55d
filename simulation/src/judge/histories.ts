import { isImportOrigin } from '@banyan/core';
import type { EffectiveChange } from '@banyan/sink';
import { portOperation } from '@banyan/transformer';
import { linked } from '../world/chains.js';

/** What a sink may have done of a key when nothing of it stands any more, as hashes of chains; undefined = nothing. */
export interface Done {
  readonly effects: string | undefined;
  /** Those of them that legacy was sent. */
  readonly sends: string | undefined;
}

interface Life extends Done {
  /** Events whose state stands, in order. */
  readonly waiting: readonly EffectiveChange[];
  /** Nothing is poison any more: something that was has been done. */
  readonly mended: boolean;
}

/**
 * All that a sink may have done of one key: each event once and in order, but for those that an import closed, which found them standing
 * behind one that could not be read or evolved, and brought the whole state.
 * @param changes the effective ones of the key, in log order @param isPoison whether its state stood until the code was mended
 */
export function historiesOf(
  changes: readonly EffectiveChange[],
  isPoison: (change: EffectiveChange) => boolean,
): readonly Done[] {
  let lives: readonly Life[] = [{ effects: undefined, sends: undefined, waiting: [], mended: false }];
  for (const change of changes) lives = different(lives.flatMap((life) => after(life, change, isPoison(change))));
  return different(lives.map(replayed));
}

function after(life: Life, change: EffectiveChange, poison: boolean): readonly Life[] {
  const stands = (of: Life): Life => ({ ...of, waiting: [...of.waiting, change] });
  const passes = (of: Life): Life => ({ ...doing(of, change), mended: of.mended || poison });
  if (life.waiting.length === 0) return poison && !life.mended ? [passes(life), stands(life)] : [passes(life)];
  const imported = isImportOrigin(change.origin);
  return [
    // It was replayed before this one came, or not: then an import passes it, if it can be read itself, and anything else waits.
    passes(replayed(life)),
    ...(imported ? [passes({ ...life, waiting: [] })] : []),
    ...(!imported || poison ? [stands(life)] : []),
  ];
}

function replayed(life: Life): Life {
  if (life.waiting.length === 0) return life;
  return { ...life.waiting.reduce<Life>(doing, life), waiting: [], mended: true };
}

function doing(life: Life, { eventId, origin, beforeLive, afterLive }: EffectiveChange): Life {
  const sent = !isImportOrigin(origin) && portOperation(beforeLive, afterLive) !== 'nothing';
  return {
    ...life,
    effects: linked(life.effects, eventId),
    sends: sent ? linked(life.sends, eventId) : life.sends,
  };
}

function different(lives: readonly Life[]): readonly Life[] {
  const told = lives.map((life) => {
    const { effects, sends, mended, waiting } = life;
    return [[effects, sends, mended, ...waiting.map(({ offset }) => offset)].join(' '), life] as const;
  });
  return [...new Map(told).values()];
}
