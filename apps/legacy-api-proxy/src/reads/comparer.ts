import type { MismatchFoundData } from '@banyan/contracts/events/banyan.mismatch.v1';
import type { TranslatedEntity, TranslatedRoute } from '../routing/translation.js';
import { type ComparedAnswer, type Comparison, compareAnswers } from './compare-answers.js';
import type { Mismatches } from './mismatches.js';

/** `same`, `mended` by the time both were asked again, `different` = confirmed; `dropped` = too much to do; `failed` = no answer. */
export type CompareVerdict = 'same' | 'mended' | 'different' | 'dropped' | 'failed';

export interface Comparable {
  readonly entity: TranslatedEntity;
  readonly route: TranslatedRoute;
  /** Method and path as the caller sent them. */
  readonly request: string;
  readonly answeredBy: 'legacy' | 'new';
  /** What the caller got; undefined = it cannot be read as it was sent, so that side is asked as well. */
  readonly given: ComparedAnswer | undefined;
  /** Asks each side. What they throw counts as `failed`. */
  readonly askLegacy: () => Promise<ComparedAnswer>;
  readonly askV2: () => Promise<ComparedAnswer>;
}

export interface ComparerOptions {
  readonly mismatches: Pick<Mismatches, 'found'>;
  readonly instance: string;
  /** Comparisons under way at once. */
  readonly concurrency: number;
  /** Comparisons that wait for their turn or their confirmation; more are dropped and counted. */
  readonly waitingMax: number;
  /** After which time a difference is looked at again: V2 follows legacy, or legacy V2, by that much at most. */
  readonly confirmAfterMs: number;
  readonly nowMs: () => number;
  onVerdict?(verdict: { entity: string; route: string; verdict: CompareVerdict }): void;
  onFailure?(error: unknown, request: string): void;
}

const LISTED = 50;
const TEXT_MAX = 1_000;

/**
 * Compares behind an answer that the caller has already. It owes nobody anything: when there is too much to do it drops, and what
 * fails here is counted and changes nothing.
 */
export class Comparer {
  readonly #options: ComparerOptions;
  readonly #queue: Job[] = [];
  readonly #confirming = new Set<NodeJS.Timeout>();
  #active = 0;
  #closed = false;

  constructor(options: ComparerOptions) {
    this.#options = options;
  }

  compare(comparable: Comparable): void {
    if (this.#closed || this.#queue.length + this.#confirming.size >= this.#options.waitingMax) {
      this.#tell(comparable, 'dropped');
      return;
    }
    // In a turn of its own: whatever it costs, the caller's answer is on its way.
    setImmediate(() => this.#enqueue({ comparable, firstSeenMs: undefined }));
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const timer of this.#confirming) clearTimeout(timer);
  }

  #enqueue(job: Job): void {
    if (this.#closed) return;
    this.#queue.push(job);
    this.#next();
  }

  #next(): void {
    while (this.#active < this.#options.concurrency) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#active += 1;
      this.#run(job)
        .catch((error: unknown) => {
          this.#options.onFailure?.(error, job.comparable.request);
          this.#tell(job.comparable, 'failed');
        })
        .finally(() => {
          this.#active -= 1;
          this.#next();
        });
    }
  }

  async #run({ comparable, firstSeenMs }: Job): Promise<void> {
    const compared = await this.#once(comparable, firstSeenMs === undefined ? comparable.given : undefined);
    if (compared.comparison.differences.length === 0) {
      this.#tell(comparable, firstSeenMs === undefined ? 'same' : 'mended');
    } else if (firstSeenMs === undefined) {
      this.#confirmLater(comparable);
    } else {
      this.#options.mismatches.found(this.#mismatch(comparable, compared, firstSeenMs));
      this.#tell(comparable, 'different');
    }
  }

  /** The lag of one behind the other looks like a difference; only what is there again is one. */
  #confirmLater(comparable: Comparable): void {
    const firstSeenMs = this.#options.nowMs();
    const timer = setTimeout(() => {
      this.#confirming.delete(timer);
      this.#enqueue({ comparable, firstSeenMs });
    }, this.#options.confirmAfterMs);
    timer.unref();
    this.#confirming.add(timer);
  }

  async #once(
    { entity, answeredBy, askLegacy, askV2 }: Comparable,
    given: ComparedAnswer | undefined,
  ): Promise<Compared> {
    const [legacy, v2] = await Promise.all([
      answeredBy === 'legacy' && given !== undefined ? given : askLegacy(),
      answeredBy === 'new' && given !== undefined ? given : askV2(),
    ]);
    if (legacy.status >= 500) throw new Error(`legacy answered with ${legacy.status}`);
    return { legacy, v2, comparison: compareAnswers(legacy, v2, entity) };
  }

  #mismatch(comparable: Comparable, { legacy, v2, comparison }: Compared, firstSeenMs: number): MismatchFoundData {
    const { differences, legacyIds } = comparison;
    return {
      entity: comparable.entity.name,
      route: comparable.route.name,
      request: comparable.request.slice(0, TEXT_MAX),
      answeredBy: comparable.answeredBy,
      legacyStatus: legacy.status,
      newStatus: v2.status,
      differences: differences
        .slice(0, LISTED)
        .map(({ path, legacy: left, new: right }) => ({ path, legacy: textOf(left), new: textOf(right) })),
      truncated: differences.length > LISTED,
      legacyIds: legacyIds.slice(0, LISTED),
      instance: this.#options.instance,
      firstSeenMs,
      confirmedAtMs: this.#options.nowMs(),
    };
  }

  #tell({ entity, route }: Comparable, verdict: CompareVerdict): void {
    this.#options.onVerdict?.({ entity: entity.name, route: route.name, verdict });
  }
}

interface Job {
  readonly comparable: Comparable;
  /** undefined = this is the first look. */
  readonly firstSeenMs: number | undefined;
}

interface Compared {
  readonly legacy: ComparedAnswer;
  readonly v2: ComparedAnswer;
  readonly comparison: Comparison;
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value).slice(0, TEXT_MAX);
}
