import { isDeepStrictEqual } from 'node:util';

/** A claim of the demo and whether it held. */
export interface Check {
  readonly claim: string;
  readonly ok: boolean;
  readonly found: string;
}

/** Collects what was claimed; says each as it is known. */
export class Checks {
  readonly all: Check[] = [];

  constructor(private readonly say: (line: string) => void) {}

  equal(claim: string, found: unknown, expected: unknown): void {
    const ok = isDeepStrictEqual(found, expected);
    this.add({ claim, ok, found: ok ? short(found) : `found ${short(found)}, expected ${short(expected)}` });
  }

  /** For claims whose evidence is not one value. @param found what was seen, for the table */
  that(claim: string, ok: boolean, found: string): void {
    this.add({ claim, ok, found });
  }

  get failed(): readonly Check[] {
    return this.all.filter(({ ok }) => !ok);
  }

  private add(check: Check): void {
    this.all.push(check);
    this.say(`  ${check.ok ? '✓' : '✗'} ${check.claim}: ${check.found}`);
  }
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
