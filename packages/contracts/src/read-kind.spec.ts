import { type Authority, fold, NEVER_SEEN } from '@banyan/core';
import { anyHeaders, anyMarker } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventHeaders, HEADER, hopsOf, markerHeaders } from './headers.js';
import { readKind } from './read-kind.js';

const KEY = '0191e5b0-0000-7000-8000-000000000001';

const written = (): Record<string, string> =>
  eventHeaders({
    id: '0191e5b0-0000-7000-8000-00000000000a',
    type: 'northwind.order.v1.OrderPlaced',
    source: 'new-api/new-api-0',
    timeMs: 1_735_689_600_123,
    subject: KEY,
    origin: 'api',
    expectedVersion: 0,
    epoch: 3,
    liveness: 'live',
    correlationId: 'c',
    causationId: 'd',
    hops: 1,
    traceparent: '00-a-b-01',
  });

describe('eventHeaders', () => {
  it('are CloudEvents in Kafka’s binary mode, with Banyan’s extensions', () => {
    expect(written()).toEqual({
      ce_specversion: '1.0',
      ce_id: '0191e5b0-0000-7000-8000-00000000000a',
      ce_type: 'northwind.order.v1.OrderPlaced',
      ce_source: 'new-api/new-api-0',
      ce_time: '2025-01-01T00:00:00.123Z',
      ce_subject: KEY,
      'content-type': 'application/vnd.confluent.avro',
      ce_origin: 'api',
      ce_expectedversion: '0',
      ce_epoch: '3',
      ce_liveness: 'live',
      ce_correlationid: 'c',
      ce_causationid: 'd',
      ce_hops: '1',
      traceparent: '00-a-b-01',
    });
  });
});

describe('readKind', () => {
  it('reads what was written, for every event a fold can meet', () => {
    fc.assert(
      fc.property(anyHeaders(), (headers) => {
        const { key, id, origin, expectedVersion, epoch, liveness, contentHash } = headers;
        const known = id !== undefined && origin !== undefined && expectedVersion !== undefined && epoch !== undefined;
        fc.pre(known && liveness !== undefined);
        const meta = { id, origin, expectedVersion, epoch, liveness, contentHash };
        const record = { type: 'a.b.v1.C', source: 's', timeMs: 0, subject: key, ...meta };
        expect(readKind({ key, headers: eventHeaders(record) })).toEqual({
          type: 'event',
          headers,
          eventType: 'a.b.v1.C',
        });
      }),
    );
  });

  it('reads every marker that was written', () => {
    fc.assert(
      fc.property(anyMarker(), (marker) => {
        const headers = markerHeaders(marker, { id: 'm', source: 's', timeMs: 0, subject: 'northwind.order.v1' });
        expect(readKind({ key: null, headers })).toEqual({ type: 'marker', marker });
      }),
    );
  });

  it('takes a keyed record for an event whatever marker it claims to be: authority moves by markers only', () => {
    const headers = { ...written(), [HEADER.marker]: 'fence', [HEADER.share]: '100' };
    expect(readKind({ key: KEY, headers }).type).toBe('event');
  });

  it.each([
    ['of an unknown kind', { [HEADER.marker]: 'fnord', [HEADER.epoch]: '1', [HEADER.share]: '1' }],
    ['without epoch', { [HEADER.marker]: 'handback' }],
    ['with a broken epoch', { [HEADER.marker]: 'handback', [HEADER.epoch]: '1.5' }],
    ['with an epoch that no store holds', { [HEADER.marker]: 'handback', [HEADER.epoch]: '2147483648' }],
    ['without share', { [HEADER.marker]: 'fence', [HEADER.epoch]: '1' }],
    ['with a share above 100', { [HEADER.marker]: 'fence', [HEADER.epoch]: '1', [HEADER.share]: '101' }],
    ['with every header of an event', { ...written(), [HEADER.marker]: 'fence', [HEADER.epoch]: '1' }],
  ])('takes a keyless record %s for an invalid event', (_, headers) => {
    const kind = readKind({ key: null, headers });
    expect(kind).toMatchObject({ type: 'event', headers: { key: '' } });
    expect(outcomeOf(kind)).toBe('invalid');
  });

  it.each([
    ['no uuid', 'ALFKI'],
    ['a uuid in capitals, which a database takes for another spelling', KEY.toUpperCase()],
    ['an empty key', ''],
  ])('reads nothing of an event whose key is %s', (_, key) => {
    const kind = readKind({ key, headers: written() });
    expect(kind).toMatchObject({ type: 'event', headers: { key, id: undefined, epoch: undefined } });
    expect(outcomeOf(kind)).toBe('invalid');
  });

  it.each([
    [HEADER.id, ''],
    [HEADER.id, 'a\0b'],
    [HEADER.id, 'x'.repeat(129)],
    [HEADER.origin, 'gossip'],
    [HEADER.origin, 'constructor'],
    [HEADER.expectedVersion, '-1'],
    [HEADER.expectedVersion, '1e3'],
    [HEADER.expectedVersion, '01'],
    [HEADER.expectedVersion, ' 1'],
    [HEADER.expectedVersion, '9007199254740993'],
    [HEADER.epoch, '0x1'],
    [HEADER.epoch, ''],
    [HEADER.epoch, '2147483648'],
    [HEADER.liveness, 'absent'],
  ])('reads %s %j as missing, so that the event folds as invalid', (name, value) => {
    const kind = readKind({ key: KEY, headers: { ...written(), [name]: value } });
    expect(outcomeOf(kind)).toBe('invalid');
    expect(outcomeOf(readKind({ key: KEY, headers: written() }))).toBe('effective');
  });

  it('keeps an event’s place where its type cannot be read: the fold does not ask for it', () => {
    const { [HEADER.type]: _, ...headers } = written();
    const kind = readKind({ key: KEY, headers });
    expect(kind).toMatchObject({ eventType: undefined });
    expect(outcomeOf(kind)).toBe('effective');
    expect(readKind({ key: KEY, headers: { ...headers, [HEADER.type]: 'a\0b' } })).toMatchObject({
      eventType: undefined,
    });
  });

  it.each([
    ['3', 3],
    ['0', 0],
    [undefined, 0],
    ['', 0],
    ['-1', 0],
    ['1e3', 0],
    ['9'.repeat(10), 0],
  ])('reads %j as %i hops', (text, hops) => {
    expect(hopsOf(text === undefined ? {} : { [HEADER.hops]: text })).toBe(hops);
  });

  it('never throws', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', 'fence', 'api', 'live'));
    const headers = fc.dictionary(fc.constantFrom(...Object.values(HEADER), '__proto__'), text);
    fc.assert(fc.property(fc.option(text), headers, (key, given) => void readKind({ key, headers: given })));
  });
});

function outcomeOf(kind: ReturnType<typeof readKind>): string {
  const authority: Authority = { epoch: 3, share: 0, handback: 0 };
  return kind.type === 'event' ? fold(authority, NEVER_SEEN, kind.headers).outcome : 'marker';
}
