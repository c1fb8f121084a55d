import type { HttpTarget, LegacyRow } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import type { HttpReader } from './http-reader.js';
import { classifyAnswer, type LegacyAnswer } from './legacy-answer.js';
import type { LegacyApi } from './legacy-api.js';
import { createSender } from './sender.js';

interface Thing extends LegacyRow {
  readonly Id: number;
  readonly Name: string;
}

const target: HttpTarget<Thing> = {
  create: {
    deliveryClass: 'probe',
    request: (row) => ({ method: 'POST', path: '/things', body: row }),
    idFromAnswer: (answer) => String((answer as Thing).Id),
    probePath: ({ Name }) => `/things?Name=${Name}`,
    isOurs: (candidate, sent, { isAbove }) => isAbove && candidate.Name === sent.Name,
  },
  update: (id, row) => ({ method: 'PUT', path: `/things/${id}`, body: row }),
  delete: (id) => ({ method: 'DELETE', path: `/things/${id}` }),
  settleAfterMs: 1000,
  compareAndSetWindow: 'none: nobody else writes here',
};

function senderOver(rows: readonly Thing[], headers: Record<string, string>) {
  return senderThatHears({ type: 'answered', status: 200, headers, body: JSON.stringify(rows) });
}

function senderThatHears(answer: LegacyAnswer, knows: Pick<HttpTarget<Thing>, 'refuses'> = {}) {
  const api: LegacyApi = { send: async () => answer, close: async () => undefined };
  const entity = {
    canonicalId: (raw: string) => raw,
    idOf: ({ Id }: Thing) => String(Id),
    reader: {
      sql: { idsAfter: '', rows: '' },
      http: { page: () => '/things', one: (id: string) => `/things/${id}` },
      canonical: (raw: unknown) => raw as Thing,
    },
  };
  return createSender(entity, { ...target, ...knows }, {} as HttpReader<Thing>, api);
}

const sent = { id: 'key', row: { Id: 0, Name: 'Fig' }, highWaterMark: '10' };

describe('asking whether a create arrived', () => {
  it('finds the row that is above the mark taken before the send', async () => {
    const sender = senderOver(
      [
        { Id: 9, Name: 'Fig' },
        { Id: 11, Name: 'Fig' },
      ],
      { 'x-total-count': '2' },
    );
    expect(await sender.probe(sent)).toMatchObject({ type: 'candidates', ours: [{ legacyId: '11' }] });
  });

  it('takes an empty list for a no', async () => {
    expect(await senderOver([], {}).probe(sent)).toEqual({ type: 'candidates', ours: [] });
  });

  it.each(['3', 'many'])('does not take a page of a longer list for a no (X-Total-Count: %s)', async (total) => {
    const sender = senderOver(
      [
        { Id: 1, Name: 'Fig' },
        { Id: 2, Name: 'Fig' },
      ],
      { 'x-total-count': total },
    );
    expect(await sender.probe(sent)).toMatchObject({ type: 'unreadable' });
  });
});

describe('a 5xx to a write', () => {
  const words = 'Database error: it is\nstill referenced';
  const answer = classifyAnswer(500, {}, words, 0);

  it('is unclear, as long as nobody knows the target better', async () => {
    expect(await senderThatHears(answer).delete('7')).toMatchObject({ type: 'unclear' });
  });

  it('is a no in legacy\u2019s own words where the target says so', async () => {
    const refuses: HttpTarget['refuses'] = ({ status, body }) => status === 500 && body.includes('referenced');
    expect(await senderThatHears(answer, { refuses }).delete('7')).toEqual({ type: 'rejected', status: 500, words });
  });

  it('is told in words that can be kept, though they are cut or hold NUL', async () => {
    const long = classifyAnswer(422, {}, `\u0000${'x'.repeat(3_998)}🌳`, 0);
    expect(await senderThatHears(long).delete('7')).toMatchObject({ words: `\ufffd${'x'.repeat(3_998)}\ufffd` });
  });

  it('stays unclear where nothing whole was said', async () => {
    const cut: LegacyAnswer = { type: 'unclear', reason: 'ECONNRESET' };
    expect(await senderThatHears(cut, { refuses: () => true }).delete('7')).toMatchObject({ type: 'unclear' });
  });
});
