import { describe, expect, it } from '@jest/globals';
import { PATH, ThingsRig } from '../testing/things.js';

describe('an attempt at a create that a repeat would double', () => {
  it('journals the row and the mark before it sends, and takes what legacy answered', async () => {
    const rig = new ThingsRig();
    rig.legacy.put(PATH, { ThingID: 41, Name: 'older' });
    const { verdict } = await rig.send('create', { name: 'fig' });
    expect(verdict).toMatchObject({ type: 'done', legacyId: '42' });
    expect(rig.journal.opened).toEqual([
      { highWaterMark: '41', row: { ThingID: null, Name: 'fig' }, legacyId: undefined },
    ]);
  });

  it('finds what legacy committed before the connection broke, and sends nothing again', async () => {
    const rig = new ThingsRig();
    rig.legacy.failNext('POST', { type: 'drop-after-commit' });
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'again', mayHaveArrived: true });
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'done', legacyId: '1' });
    expect(rig.count('POST')).toBe(1);
  });

  it('does not cover what somebody wrote between the lost answer and the probe', async () => {
    const rig = new ThingsRig();
    rig.legacy.failNext('POST', { type: 'drop-after-commit' });
    await rig.send('create', { name: 'fig', owner: 'o1' });
    rig.journal.links.set('owner:o1', '77');
    await rig.send('create', { name: 'fig', owner: 'o1' });
    rig.legacy.put(PATH, { ThingID: 1, Name: 'fig', OwnerID: '78' });
    expect((await rig.send('create', { name: 'fig', owner: 'o1' })).verdict).toMatchObject({
      type: 'done',
      legacyId: '1',
    });
    expect((await rig.send('update', { name: 'fig tree' }, 2)).verdict).toMatchObject({ code: 'PORTER_BYPASS' });
    expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 1, Name: 'fig', OwnerID: '78' }]);
  });

  it('does not send again while the first request may still be executed, and finds it when it is', async () => {
    const rig = new ThingsRig();
    rig.legacy.failNext('POST', { type: 'late' });
    await rig.send('create', { name: 'fig' });
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'again', afterMs: 3_000 });
    rig.legacy.executeLate();
    rig.journal.settled = true;
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'done', legacyId: '1' });
    expect(rig.count('POST')).toBe(1);
  });

  it('sends again once a "no" can be believed', async () => {
    const rig = new ThingsRig();
    rig.legacy.failNext('POST', { type: 'answer', status: 503 });
    await rig.send('create', { name: 'fig' });
    rig.journal.settled = true;
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'done' });
    expect(rig.legacy.rows(PATH)).toHaveLength(1);
  });

  it('keeps the mark and the row of the first attempt, whatever the document is formatted to since', async () => {
    const rig = new ThingsRig();
    rig.legacy.put(PATH, { ThingID: 5, Name: 'older' });
    rig.legacy.failNext('POST', { type: 'drop-after-commit' });
    await rig.send('create', { name: 'fig' });
    rig.legacy.put(PATH, { ThingID: 9, Name: 'newer' });
    rig.journal.never = [{ entity: 'owner', id: 'gone' }];
    expect((await rig.send('create', { name: 'fig, mended' })).verdict).toMatchObject({ type: 'done', legacyId: '6' });
  });

  it('does not take an older row of the same name, nor one that is linked to another key, for its own', async () => {
    const rig = new ThingsRig();
    rig.legacy.put(PATH, { ThingID: 5, Name: 'fig' });
    rig.legacy.failNext('POST', { type: 'answer', status: 500 });
    await rig.send('create', { name: 'fig' });
    rig.legacy.put(PATH, { ThingID: 6, Name: 'fig' });
    rig.journal.linkedElsewhere = new Set(['6']);
    rig.journal.settled = true;
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'done', legacyId: '7' });
  });

  it('sends nothing when its lease has lapsed, and stays as it was', async () => {
    const rig = new ThingsRig();
    rig.lease = false;
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'again', mayHaveArrived: false });
    expect(rig.count('POST')).toBe(0);
    expect(rig.journal.intent).toBeUndefined();
  });

  it('is as unclear as before when legacy cannot be asked', async () => {
    const rig = new ThingsRig();
    rig.legacy.failNext('POST', { type: 'drop-after-commit' });
    await rig.send('create', { name: 'fig' });
    rig.legacy.failNext('GET', { type: 'refuse' });
    expect((await rig.send('create', { name: 'fig' })).verdict).toMatchObject({ type: 'again', mayHaveArrived: false });
    expect(rig.journal.intent?.mayHaveArrived).toBe(true);
    expect(rig.count('POST')).toBe(1);
  });
});

describe.each(['look', 'if-match'] as const)('an attempt by compare-and-set (%s)', (by) => {
  const created = async () => {
    const rig = new ThingsRig('idempotent', by);
    await rig.send('create', { name: 'fig', code: 'F' });
    return rig;
  };

  it('creates, changes and deletes under a natural key', async () => {
    const rig = await created();
    expect(rig.journal.legacyId).toBe('F');
    expect((await rig.send('update', { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({ type: 'done' });
    expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 'F', Name: 'fig tree' }]);
    expect((await rig.send('delete', undefined, 3)).verdict).toMatchObject({ type: 'done', hash: null });
    expect(rig.legacy.rows(PATH)).toEqual([]);
  });

  it.each(['update', 'delete'] as const)('never sends an %s over a row that somebody else wrote', async (operation) => {
    const rig = await created();
    rig.legacy.put(PATH, { ThingID: 'F', Name: 'by hand' });
    expect((await rig.send(operation, { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({
      code: 'PORTER_BYPASS',
    });
    expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 'F', Name: 'by hand' }]);
    expect(rig.journal.intent).toBeUndefined();
  });

  it('does not create over a row that is there', async () => {
    const rig = new ThingsRig('idempotent', by);
    rig.legacy.put(PATH, { ThingID: 'F', Name: 'by hand' });
    expect((await rig.send('create', { name: 'fig', code: 'F' })).verdict).toMatchObject({ code: 'PORTER_BYPASS' });
  });

  it('is done when legacy is already as it shall be', async () => {
    const rig = await created();
    rig.legacy.failNext('PUT', { type: 'drop-after-commit' });
    await rig.send('update', { name: 'fig tree', code: 'F' }, 2);
    expect((await rig.send('update', { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({ type: 'done' });
    expect(rig.count('PUT')).toBe(1);
  });

  it('lets a late request come to its end before the next is sent', async () => {
    const rig = await created();
    rig.legacy.failNext('PUT', { type: 'late' });
    await rig.send('update', { name: 'fig tree', code: 'F' }, 2);
    expect((await rig.send('update', { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({
      type: 'again',
      afterMs: 3_000,
    });
    rig.legacy.executeLate();
    rig.journal.settled = true;
    expect((await rig.send('update', { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({ type: 'done' });
    expect(rig.count('PUT')).toBe(1);
  });

  it('calls nothing a bypass while a request of its own may still be executed', async () => {
    const rig = await created();
    rig.legacy.failNext('PUT', { type: 'late' });
    await rig.send('update', { name: 'fig tree', code: 'F' }, 2);
    rig.legacy.put(PATH, { ThingID: 'F', Name: 'by hand' });
    expect((await rig.send('update', { name: 'fig tree', code: 'F' }, 2)).verdict).toMatchObject({
      type: 'again',
      afterMs: 3_000,
    });
    expect(rig.journal.intent).toMatchObject({ mayHaveArrived: true });
    rig.legacy.executeLate();
    rig.journal.settled = true;
    const { verdict } = await rig.send('update', { name: 'fig tree', code: 'F' }, 2);
    // Without If-Match the late one covers what was written by hand; that is what nobody can help, and verify finds.
    expect(verdict).toMatchObject(by === 'look' ? { type: 'done' } : { code: 'PORTER_BYPASS' });
    expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 'F', Name: by === 'look' ? 'fig tree' : 'by hand' }]);
  });

  it('is done when a repeat of a delete finds nothing', async () => {
    const rig = await created();
    rig.legacy.failNext('DELETE', { type: 'drop-after-commit' });
    await rig.send('delete', undefined, 2);
    expect((await rig.send('delete', undefined, 2)).verdict).toMatchObject({ type: 'done', hash: null });
  });
});

describe('an attempt at a change where legacy compares by If-Match', () => {
  const FIG = { name: 'fig', code: 'F' };
  const TREE = { name: 'fig tree', code: 'F' };
  const created = async () => {
    const rig = new ThingsRig('idempotent', 'if-match');
    await rig.send('create', FIG);
    rig.legacy.executed.splice(0);
    return rig;
  };
  const methods = ({ legacy }: ThingsRig) => legacy.executed.map(({ method }) => method);

  it('is one exchange over the row that legacy told the ETag of', async () => {
    const rig = await created();
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ type: 'done' });
    expect((await rig.send('update', FIG, 3)).verdict).toMatchObject({ type: 'done' });
    expect((await rig.send('delete', undefined, 4)).verdict).toMatchObject({ type: 'done', hash: null });
    expect(methods(rig)).toEqual(['PUT', 'PUT', 'DELETE']);
  });

  it('looks first at a row that was imported, and writes over what it saw', async () => {
    const rig = await created();
    rig.journal.ported = { version: 1, hash: rig.port.sender.hash({ ThingID: 'F', Name: 'fig' }) };
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ type: 'done' });
    await rig.send('update', FIG, 3);
    expect(methods(rig)).toEqual(['GET', 'PUT', 'PUT']);
  });

  it('goes on when legacy gives the row another ETag and it is the same', async () => {
    const rig = await created();
    rig.legacy.put(PATH, { ThingID: 'F', Name: 'fig' });
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ type: 'done' });
    expect(methods(rig)).toEqual(['GET', 'PUT']);
  });

  it.each(['update', 'delete'] as const)(
    'covers nothing that is written between the look and the %s',
    async (operation) => {
      const rig = await created();
      rig.journal.ported = { version: 1, hash: rig.port.sender.hash({ ThingID: 'F', Name: 'fig' }) };
      const send = rig.legacy.send.bind(rig.legacy);
      rig.legacy.send = async (request, options) => {
        const answer = await send(request, options);
        if (request.method === 'GET') rig.legacy.put(PATH, { ThingID: 'F', Name: 'by hand' });
        return answer;
      };
      const row = operation === 'update' ? TREE : undefined;
      expect((await rig.send(operation, row, 2)).verdict).toMatchObject({
        type: 'again',
        mayHaveArrived: false,
        reason: expect.stringContaining('HTTP 412'),
      });
      expect((await rig.send(operation, row, 2)).verdict).toMatchObject({ code: 'PORTER_BYPASS' });
      expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 'F', Name: 'by hand' }]);
    },
  );

  it('asks first after an unclear answer, and sends nothing while that request may still be executed', async () => {
    const rig = await created();
    rig.legacy.failNext('PUT', { type: 'late' });
    await rig.send('update', TREE, 2);
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ type: 'again', afterMs: 3_000 });
    expect(methods(rig)).toEqual(['GET']);
  });

  it('writes over no row that comes without an ETag', async () => {
    const rig = await created();
    rig.journal.ported = { version: 1, hash: rig.port.sender.hash({ ThingID: 'F', Name: 'fig' }) };
    rig.legacy.addTable(PATH, 'ThingID', { assigned: false }).put(PATH, { ThingID: 'F', Name: 'fig' });
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ code: 'PORTER_LEGACY_UNREADABLE' });
    expect(methods(rig)).toEqual(['GET']);
  });

  it('looks at each row where the port does not say so, whatever ETags there are, and were', async () => {
    const rig = new ThingsRig('idempotent');
    rig.legacy.addTable(PATH, 'ThingID', { assigned: false, etags: true });
    await rig.send('create', FIG);
    expect(rig.journal.ported?.etag).toBeUndefined();
    rig.journal.ported = { version: 1, hash: rig.port.sender.hash({ ThingID: 'F', Name: 'fig' }), etag: '"1"' };
    rig.legacy.executed.splice(0);
    rig.legacy.put(PATH, { ThingID: 'F', Name: 'by hand' });
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ code: 'PORTER_BYPASS' });
    expect(methods(rig)).toEqual(['GET']);
  });

  it('sends nothing when its lease has lapsed', async () => {
    const rig = await created();
    rig.lease = false;
    expect((await rig.send('update', TREE, 2)).verdict).toMatchObject({ type: 'again', mayHaveArrived: false });
    expect(methods(rig)).toEqual([]);
  });
});

describe('before anything is sent', () => {
  it('waits for links that are missing', async () => {
    const rig = new ThingsRig();
    const { verdict } = await rig.send('create', { name: 'fig', owner: 'o1' });
    expect(verdict).toEqual({ type: 'waiting', references: [{ entity: 'owner', id: 'o1' }] });
    rig.journal.links.set('owner:o1', '77');
    await rig.send('create', { name: 'fig', owner: 'o1' });
    expect(rig.legacy.rows(PATH)).toEqual([{ ThingID: 1, Name: 'fig', OwnerID: '77' }]);
  });

  it('parks a row that no journal can keep, instead of trying it for ever', async () => {
    const rig = new ThingsRig();
    const { verdict } = await rig.send('create', { name: '🌳'.slice(0, 1) });
    expect(verdict).toMatchObject({
      type: 'parked',
      code: 'PORTER_FORMAT_FAILED',
      message: expect.stringMatching(/Name/),
    });
    expect(rig.legacy.rows(PATH)).toEqual([]);
  });

  it('parks what refers to something that can never come', async () => {
    const rig = new ThingsRig();
    rig.journal.never = [{ entity: 'owner', id: 'o1' }];
    const { verdict } = await rig.send('create', { name: 'fig', owner: 'o1' });
    expect(verdict).toMatchObject({ type: 'parked', code: 'PORTER_REFERENCE_GONE' });
  });

  it('parks a change of what is linked to nothing', async () => {
    expect((await new ThingsRig().send('update', { name: 'fig' })).verdict).toMatchObject({
      code: 'PORTER_LINK_MISSING',
    });
  });

  it('drops what a later import has overtaken', async () => {
    const rig = new ThingsRig();
    rig.journal.ported = { version: 4, hash: 'v1:imported' };
    expect((await rig.send('create', { name: 'fig' }, 3)).verdict).toEqual({ type: 'overtaken', byVersion: 4 });
    expect(rig.legacy.executed).toEqual([]);
  });

  it('tries again, saying why, when something nobody expected goes wrong', async () => {
    const rig = new ThingsRig();
    rig.journal.load = async () => {
      throw new TypeError('what?');
    };
    expect((await rig.send('create', { name: 'fig' })).verdict).toEqual({
      type: 'again',
      reason: 'what?',
      mayHaveArrived: false,
    });
  });
});

describe.each([
  ['a create that a repeat would double', 'probe', 'create'],
  ['a change', 'idempotent', 'update'],
] as const)('the place at legacy of %s', (_, kind, operation) => {
  const begun = async () => {
    const rig = new ThingsRig(kind);
    if (operation === 'update') await rig.send('create', { name: 'fig', code: '1' });
    const before = rig.legacy.executed.length;
    return { rig, asked: () => rig.legacy.executed.length - before, version: operation === 'update' ? 2 : 1 };
  };

  it('is asked for before legacy is, once', async () => {
    const { rig, asked, version } = await begun();
    const askedWhenItCame: number[] = [];
    rig.enter = async () => {
      askedWhenItCame.push(asked());
      return 'entered';
    };
    expect((await rig.send(operation, { name: 'fig tree', code: '1' }, version)).verdict.type).toBe('done');
    expect(askedWhenItCame).toEqual([0]);
  });

  it('may be refused: nothing is sent, and the journal is as it was', async () => {
    const { rig, asked, version } = await begun();
    rig.enter = async () => 'dismissed';
    const { verdict, target } = await rig.send(operation, { name: 'fig tree', code: '1' }, version);
    expect(verdict).toMatchObject({ type: 'again', mayHaveArrived: false, afterMs: 0 });
    expect([target, asked(), rig.journal.intent]).toEqual([{ type: 'none' }, 0, undefined]);
  });

  it('may come late: what was read before is read once more', async () => {
    const { rig, asked, version } = await begun();
    rig.enter = async () => {
      // An import carried the key past it.
      rig.journal.ported = { version: 7, hash: null };
      return 'entered-late';
    };
    const { verdict } = await rig.send(operation, { name: 'fig tree', code: '1' }, version);
    expect([verdict, asked()]).toEqual([{ type: 'overtaken', byVersion: 7 }, 0]);
  });
});
