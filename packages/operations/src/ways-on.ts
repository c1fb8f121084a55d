import type { ParkedKey } from './parked.js';

/** A command for a person, and when it is the right one. */
export interface WayOn {
  readonly when: string;
  readonly command: string;
}

/**
 * The commands that let a key go on, the usual one first; of one that waits for another entity those that show why that one does not come.
 * None = nothing is to be done. What a person has to fill in stands as `…` or `<…>`.
 * @param environment its name, which a command that changes something has to name where it is not `local`
 */
export function waysOn(one: ParkedKey, environment: string): readonly WayOn[] {
  const { app, consumer, kind, entity, key, writer, waitsFor = [] } = one;
  const confirm = environment === 'local' ? '' : ` --confirm ${environment}`;
  if (kind === 'invalid') return [];
  if (kind === 'waiting') {
    return waitsFor.map((of) => ({ when: 'why not yet', command: `banyan parked show ${of.entity} ${of.key}` }));
  }
  if (kind === 'unlike') return [{ when: 'to make it whole', command: `${anew(one)}${confirm}` }];
  // Nobody goes on with what a silent porter was sending: a replay would not let it go.
  if (writer != null)
    return [{ when: 'when that porter is dead', command: `banyan porters forget ${writer}${confirm}` }];
  const named = `${app}.${consumer} ${key} --reason …`;
  const replay = { when: 'when mended', command: `banyan parked replay ${entity} ${key}${confirm}` };
  switch (kind) {
    case 'state': {
      // A whole state passes what its state stands behind; a row, or a send, that cannot be written is another matter.
      const restate = `banyan restate ${entity} ${key} --from <file> --reason …${confirm}`;
      return [replay, { when: 'else, for a key of V2', command: restate }];
    }
    case 'in-doubt': {
      const settle = `banyan parked settle ${named} --arrived-as <its id> | --not-arrived${confirm}`;
      return [replay, { when: 'when you know what is in legacy', command: settle }];
    }
    default:
      return [replay, { when: 'when it never can be', command: `banyan parked discard ${named}${confirm}` }];
  }
}

/** The command that makes a key whole again, where V2's rows or legacy's row are not what its state says. */
export function anew({ app, consumer, entity, key }: Pick<ParkedKey, 'app' | 'consumer' | 'entity' | 'key'>): string {
  return app === 'v2-projector' ? `banyan reproject ${entity} --key ${key}` : `banyan re-port ${consumer} --key ${key}`;
}
