import { z } from 'zod';

const count = z.int().min(1);
const scope = { method: z.string().toUpperCase().optional(), pathPrefix: z.string().startsWith('/').optional() };

/** What a test can make go wrong. Counts go down by one each time; the rest stands until cleared. */
export const faultSettings = z.strictObject({
  /** Waits this long before the request is handled; at the request limit it is ended with a 500, without an effect. */
  latencyMs: z.int().min(0).optional(),
  /** The next `count` requests are answered with this status, without an effect. */
  errors: z.strictObject({ status: z.int().min(400).max(599), count }).optional(),
  tooMany: z.strictObject({ count, retryAfterSeconds: z.int().min(0) }).optional(),
  /** The next so many requests get no answer at all, and have no effect. Cleared faults cut them off. */
  hang: count.optional(),
  /** Does not listen, and resets the connections there are. What was being handled goes on unseen. */
  refuse: z.boolean().optional(),
  /** The next `count` writes are committed, then the connection is cut without a byte of an answer. */
  dropAfterCommit: z.strictObject({ count, ...scope }).optional(),
  /** Narrows all of the above but `refuse` to these requests. */
  only: z.strictObject(scope).optional(),
});

export type FaultSettings = z.infer<typeof faultSettings>;

export type RequestFault =
  | { readonly type: 'hang' }
  | { readonly type: 'answer'; readonly status: number; readonly retryAfterSeconds?: number };

interface RequestLike {
  readonly method: string;
  readonly url: string;
}

/** The faults that are set, and what is left of them. */
export class Faults {
  private settings: FaultSettings = {};
  private readonly cutOff = new Set<() => void>();

  current(): FaultSettings {
    return this.settings;
  }

  /** Replaces all faults. Requests that hang are cut off. */
  set(settings: FaultSettings): void {
    this.settings = settings;
    for (const cut of this.cutOff) cut();
    this.cutOff.clear();
  }

  /** A request hangs from now on; answers how to forget it. */
  hold(cut: () => void): () => void {
    this.cutOff.add(cut);
    return () => this.cutOff.delete(cut);
  }

  latencyMs(request: RequestLike): number {
    return matches(this.settings.only, request) ? (this.settings.latencyMs ?? 0) : 0;
  }

  /** The fault that this request meets instead of being handled. Hanging goes before 429, 429 before errors. */
  take(request: RequestLike): RequestFault | undefined {
    const { only, hang, tooMany, errors } = this.settings;
    if (!matches(only, request)) return undefined;
    if (hang !== undefined) {
      this.settings = { ...this.settings, hang: hang > 1 ? hang - 1 : undefined };
      return { type: 'hang' };
    }
    if (tooMany !== undefined) {
      this.settings = { ...this.settings, tooMany: less(tooMany) };
      return { type: 'answer', status: 429, retryAfterSeconds: tooMany.retryAfterSeconds };
    }
    if (errors !== undefined) {
      this.settings = { ...this.settings, errors: less(errors) };
      return { type: 'answer', status: errors.status };
    }
    return undefined;
  }

  /** Asked after a commit only, so a refused write does not use it up. */
  takeDropAfterCommit(request: RequestLike): boolean {
    const { only, dropAfterCommit } = this.settings;
    if (dropAfterCommit === undefined || !matches(only, request) || !matches(dropAfterCommit, request)) return false;
    this.settings = { ...this.settings, dropAfterCommit: less(dropAfterCommit) };
    return true;
  }
}

function less<T extends { readonly count: number }>(fault: T): T | undefined {
  return fault.count > 1 ? { ...fault, count: fault.count - 1 } : undefined;
}

function matches(wanted: FaultSettings['only'], request: RequestLike): boolean {
  return (
    (wanted?.method === undefined || wanted.method === request.method) &&
    (wanted?.pathPrefix === undefined || request.url.startsWith(wanted.pathPrefix))
  );
}
