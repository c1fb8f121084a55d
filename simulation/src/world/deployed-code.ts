import type { Codec, DomainEvent } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { Random } from '@banyan/core/testing';
import type { AnyEntity } from '@banyan/transformer';
import { type Note, note } from './note.js';

/** What the code cannot do with an event: read it, evolve the state by it, or write what it means. */
const OF_EVENTS = ['undecodable', 'evolve', 'effect'] as const;
/** What cannot be done with a state: format it for legacy; or legacy refuses it. */
const OF_STATES = ['format', 'refused'] as const;
export type Poison = (typeof OF_EVENTS)[number] | (typeof OF_STATES)[number];

/** Part of events, and of states, that the code of a world cannot do, at most. */
const MOST = 0.2;
/** Or hardly any would find its key standing behind one that an import of legacy's next change could pass. */
const IMPORTS_MORE_OFTEN = 3;

/**
 * The transformer as it is deployed, and legacy's rules as they are: in some worlds there is something that they cannot do, until somebody
 * has mended them. What that is follows from the bytes alone, so that every consumer fails at the same events, whenever it comes to them.
 */
export class DeployedCode {
  readonly #share: number;
  readonly #salt: number;
  #mended = false;
  /** As consumers run it. */
  readonly entity: AnyEntity = Object.defineProperty(
    {
      ...note,
      evolve: (state: unknown, event: DomainEvent) => {
        this.#must('evolve', JSON.stringify(event.data), 'the state cannot be evolved');
        return note.evolve(state, event);
      },
    },
    'version',
    { get: () => this.version },
  );

  /** @param isWanting there is something that it cannot do in any case */
  constructor(random: Random, isWanting: boolean) {
    this.#share = random.chance(0.5) || isWanting ? random.next() * MOST : 0;
    this.#salt = random.below(2 ** 31);
  }

  /** Whether there is anything that it cannot do. */
  get isWhole(): boolean {
    return this.#mended || this.#share === 0;
  }

  mend(): void {
    this.#mended = true;
  }

  /** Of the entity's definition: mending it raises it. */
  get version(): number {
    return this.#mended ? note.version + 1 : note.version;
  }

  /** The codec as consumers have it. */
  codecOver(codec: Codec): Codec {
    return {
      ...codec,
      decode: async (type, value) => {
        this.#must('undecodable', Buffer.from(value ?? []).toString(), `a ${type} cannot be read`);
        return codec.decode(type, value);
      },
    };
  }

  /** Throws where what the event means, a row or a send, cannot be written. */
  mustTakeIn(data: unknown): void {
    this.#must('effect', JSON.stringify(data), 'what it means cannot be written');
  }

  /** Throws where the port cannot. */
  mustFormat({ text }: Note): void {
    this.#must('format', text, 'the state cannot be formatted');
  }

  /** Whether legacy says no to a row. */
  refuses(text: string): boolean {
    return !this.#mended && this.poisonOfState(text) === 'refused';
  }

  /** What is wrong with the event that has this payload, whether or not it was mended since. */
  poisonOfEvent(payload: string): Poison | undefined {
    return this.#poisonOf(payload, OF_EVENTS);
  }

  poisonOfState(text: string): Poison | undefined {
    return this.#poisonOf(text, OF_STATES);
  }

  #must(poison: Poison, text: string, what: string): void {
    const is = poison === 'format' ? this.poisonOfState(text) : this.poisonOfEvent(text);
    if (!this.#mended && is === poison) throw new BanyanError('SIM_POISON', `${what}: ${text}`);
  }

  #poisonOf(text: string, kinds: readonly Poison[]): Poison | undefined {
    const drawn = drawnFrom(text, this.#salt);
    const share = text.includes('legacyId') ? IMPORTS_MORE_OFTEN * this.#share : this.#share;
    return drawn >= share ? undefined : kinds[Math.floor((drawn / share) * kinds.length)];
  }
}

/** In [0, 1), from the text alone: FNV-1a, and the last mixing of murmur3. */
function drawnFrom(text: string, salt: number): number {
  let hash = salt ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
