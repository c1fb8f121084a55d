import { isImportOrigin } from '@banyan/core';
import type { EffectiveChange } from '@banyan/sink';
import { isRestatement, portOperation } from '@banyan/transformer';
import { linked } from '../world/chains.js';
import { note } from '../world/note.js';

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
  /** Whether there is a document, as far as is done. */
  readonly live: boolean;
}

/** Ids of events of which a person gave something up. */
export interface GivenUp {
  /** What they meant for the sink: nothing was made of them. */
  readonly effects: ReadonlySet<string>;
  /** Their send alone. */
  readonly sends: ReadonlySet<string>;
}

export const NOTHING_GIVEN_UP: GivenUp = { effects: new Set(), sends: new Set() };

/**
 * All that a sink may have done of one key: each event once and in order, but for what a person gave up, and for those that a whole state closed,
 * which found them standing behind one that could not be read or evolved, and brought the whole state.
 * @param changes the effective ones of the key, in log order @param isPoison whether its state stood until the code was mended
 */
export function historiesOf(
  changes: readonly EffectiveChange[],
  isPoison: (change: EffectiveChange) => boolean,
  givenUp = NOTHING_GIVEN_UP,
): readonly Done[] {
  let lives: readonly Life[] = [{ effects: undefined, sends: undefined, waiting: [], mended: false, live: false }];
  const tell = { poison: isPoison, givenUp };
  for (const change of changes) lives = different(lives.flatMap((life) => after(life, change, tell)));
  return different(lives.map((life) => replayed(life, givenUp)));
}

interface Tell {
  readonly poison: (change: EffectiveChange) => boolean;
  readonly givenUp: GivenUp;
}

function after(life: Life, change: EffectiveChange, { poison: isPoison, givenUp }: Tell): readonly Life[] {
  const poison = isPoison(change);
  const stands = (of: Life): Life => ({ ...of, waiting: [...of.waiting, change] });
  const passes = (of: Life): Life => ({ ...doing(of, change, givenUp), mended: of.mended || poison });
  if (life.waiting.length === 0) return poison && !life.mended ? [passes(life), stands(life)] : [passes(life)];
  const whole = isImportOrigin(change.origin) || isRestatement(note, change.eventType);
  return [
    // It was replayed before this one came, or not: then a whole state passes it, if it can be read itself, and anything else waits.
    passes(replayed(life, givenUp)),
    ...(whole ? [passes({ ...life, waiting: [] })] : []),
    ...(!whole || poison ? [stands(life)] : []),
  ];
}

function replayed(life: Life, givenUp: GivenUp): Life {
  if (life.waiting.length === 0) return life;
  return { ...life.waiting.reduce<Life>((of, change) => doing(of, change, givenUp), life), waiting: [], mended: true };
}

function doing(life: Life, { eventId, origin, afterLive }: EffectiveChange, givenUp: GivenUp): Life {
  if (givenUp.effects.has(eventId)) return { ...life, live: afterLive };
  const sent = !isImportOrigin(origin) && portOperation(life.live, afterLive) !== 'nothing';
  return {
    ...life,
    live: afterLive,
    effects: linked(life.effects, eventId),
    sends: sent && !givenUp.sends.has(eventId) ? linked(life.sends, eventId) : life.sends,
  };
}

function different(lives: readonly Life[]): readonly Life[] {
  const told = lives.map((life) => {
    const { effects, sends, mended, live, waiting } = life;
    return [[effects, sends, mended, live, ...waiting.map(({ offset }) => offset)].join(' '), life] as const;
  });
  return [...new Map(told).values()];
}
