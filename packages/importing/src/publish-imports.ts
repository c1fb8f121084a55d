import { eventHeaders, readKind, topicName } from '@banyan/contracts';
import { BanyanError, type EventHeaders, FIRST_AUTHORITY, NEVER_SEEN } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import { topicOf } from '@banyan/transformer';
import type { Publication } from './import-decision.js';
import type { ImportBucket, ImportTools, RoundResult } from './import-types.js';
import { type Learned, learnOutcome } from './outcome.js';

interface Published {
  readonly publication: Publication;
  readonly eventId: string;
  readonly headers: EventHeaders;
  readonly position: Position;
}

/** Appends imports, waits until the projector has passed them, and learns the outcome of each by its own id. */
export async function publishImports(
  tools: ImportTools,
  publications: readonly Publication[],
): Promise<ReadonlyMap<string, RoundResult>> {
  if (publications.length === 0) return new Map();
  // Before any is appended: what goes on without the others would come back with them.
  tools.givenUp.requireNone(
    tools.entity.name,
    publications.map(({ key }) => key),
  );
  const published = await Promise.all(publications.map((publication) => append(tools, publication)));
  await waitUntilPassed(tools, published);
  // States before authorities: an authority that is newer than a state can only say `stale` too often, which looks again.
  const keys = published.map(({ publication }) => publication.key);
  const states = await tools.observer.keyStates(tools.entity.name, keys);
  const authorities = await tools.observer.authorities(tools.entity.name);
  return new Map(
    published.map((one) => {
      const keyState = states.get(one.publication.key) ?? NEVER_SEEN;
      const learned = learnOutcome(authorities.get(one.position.partition) ?? FIRST_AUTHORITY, keyState, one.headers);
      return [one.publication.read.work.legacyId, roundResult(one, learned)];
    }),
  );
}

async function append(tools: ImportTools, publication: Publication): Promise<Published> {
  const { entity, topicPrefix, newId, clock } = tools;
  const { key, content, observed } = publication;
  const eventId = newId();
  const headers = eventHeaders({
    id: eventId,
    type: content.event.type,
    source: tools.source,
    timeMs: clock.now(),
    subject: key,
    origin: tools.origin,
    expectedVersion: observed.keyState.version,
    epoch: observed.epoch,
    liveness: content.liveness,
    contentHash: content.contentHash,
  });
  const value = tools.codec.encode(content.event.type, content.event.data);
  const record = { topic: topicName(topicPrefix, topicOf(entity)), key, value, headers };
  const kind = readKind(record);
  if (kind.type !== 'event')
    throw new BanyanError('IMPORT_NOT_AN_EVENT', `Headers of an import of ${key} read as a marker.`);
  const appended = tools.log.append(record, { deadlineMs: Number.POSITIVE_INFINITY });
  const position = await tools.givenUp.await(entity.name, key, appended, tools.appendDeadlineMs ?? 10_000);
  return { publication, eventId, headers: kind.headers, position };
}

async function waitUntilPassed(tools: ImportTools, published: readonly Published[]): Promise<void> {
  const consumer = tools.entity.name;
  const last = new Map<number, bigint>();
  for (const { position } of published) {
    const before = last.get(position.partition);
    if (before === undefined || before < position.offset) last.set(position.partition, position.offset);
  }
  const timeoutMs = tools.outcomeDeadlineMs ?? 30_000;
  const waits = [...last].map(([partition, offset]) =>
    tools.progress.reached({ consumer, partition, offset }, timeoutMs),
  );
  if ((await Promise.all(waits)).every(Boolean)) return;
  throw new BanyanError(
    'IMPORT_PROJECTOR_BEHIND',
    `The projector did not pass ${published.length} import(s) of ${consumer} within ${timeoutMs} ms; they are in the log and may take effect. Look at its lag, then import again.`,
    { retryable: true, data: { entity: consumer, count: published.length } },
  );
}

/** Pure. `stale`, `conflict`, and what only the log could tell: look again, the next observation says what became of it. */
function roundResult({ publication, eventId }: Published, learned: Learned): RoundResult {
  const { key, read, content, observed } = publication;
  const { legacyId, refs, work } = read;
  const done = (bucket: ImportBucket): RoundResult => ({
    type: 'done',
    result: { legacyId, refs, key, bucket, eventId },
  });
  if (learned.type === 'known') {
    const asImported = read.row === undefined ? 'absent' : 'imported';
    const sameContent =
      observed.keyState.hash === content.contentHash && observed.keyState.liveness === content.liveness;
    // Of the same content only the epoch moved: the fold calls that `unchanged` although it raises the version.
    if (learned.outcome === 'effective') return done(sameContent && read.row !== undefined ? 'unchanged' : asImported);
    if (learned.outcome === 'unchanged') return done(read.row === undefined ? 'absent' : 'unchanged');
    if (learned.outcome === 'superseded') return done('already-new');
  }
  return { type: 'again', work: { legacyId: work.legacyId, key } };
}
