import type { Attempted } from '../sending/verdict.js';
import type { SendOperation } from '../store/work.js';
import type { Thing } from './things.js';

/** One key of one port, with its legacy and what the porter keeps of it. */
export interface PortUnderTest {
  /** One attempt and its settlement. */
  send(operation: SendOperation, document: Thing | undefined, version: number): Promise<Attempted>;
  /** The names of all things that legacy has. */
  names(): Promise<readonly string[]>;
  /** Writes that legacy executed. */
  writes(): Promise<number>;
  /** Behind Banyan's back: the thing has this name, or is not there (null). */
  overwrite(name: string | null): Promise<void>;
  /** The next write of this kind is executed, and its answer lost. */
  loseAnswer(operation: SendOperation): void;
  /** From now on the port may not write any more. */
  lapse(): void;
  /** Legacy cannot be reached, until it is back. */
  away(): Promise<void>;
  back(): Promise<void>;
  close(): Promise<void>;
}

type Expect = (actual: unknown) => { toEqual(expected: unknown): void; toMatchObject(expected: object): void };

/** A name that legacy refuses. */
export const REFUSED_NAME = 'never';

const FIG = { name: 'fig' };
const DATE = { name: 'date' };
const STEPS = [
  ['create', FIG],
  ['update', DATE],
  ['delete', undefined],
] as const;

/**
 * What an attempt at a send promises, whatever the port sends over and whichever its delivery class; each entry is a rule and its check.
 */
export function portContract(
  setUp: () => Promise<PortUnderTest>,
  expect: Expect,
): readonly { readonly rule: string; check(): Promise<void> }[] {
  const rule = (words: string, check: (port: PortUnderTest) => Promise<void>) => ({
    rule: words,
    async check() {
      const port = await setUp();
      try {
        await check(port);
      } finally {
        await port.close();
      }
    },
  });
  const done = async (port: PortUnderTest, operation: SendOperation, document: Thing | undefined, version: number) => {
    expect((await port.send(operation, document, version)).verdict).toMatchObject({ type: 'done' });
  };

  return [
    rule('carries create, update and delete, one write each', async (port) => {
      for (const [index, [operation, document]] of STEPS.entries()) {
        await done(port, operation, document, index + 1);
        expect(await port.names()).toEqual(document === undefined ? [] : [document.name]);
      }
      expect(await port.writes()).toEqual(3);
    }),
    ...STEPS.map(([lost], at) =>
      rule(`finds the ${lost} whose answer was lost, and does nothing again`, async (port) => {
        for (const [index, [operation, document]] of STEPS.slice(0, at + 1).entries()) {
          if (index === at) {
            port.loseAnswer(operation);
            const { verdict } = await port.send(operation, document, index + 1);
            expect(verdict).toMatchObject({ type: 'again', mayHaveArrived: true });
          }
          await done(port, operation, document, index + 1);
        }
        expect(await port.writes()).toEqual(at + 1);
      }),
    ),
    ...(['update', 'delete'] as const).map((operation) =>
      rule(`parks the ${operation} of a row that somebody else wrote, and leaves it`, async (port) => {
        await done(port, 'create', FIG, 1);
        await port.overwrite('theirs');
        const { verdict } = await port.send(operation, operation === 'update' ? DATE : undefined, 2);
        expect(verdict).toMatchObject({ type: 'parked', code: 'PORTER_BYPASS' });
        expect(await port.names()).toEqual(['theirs']);
        expect(await port.writes()).toEqual(1);
      }),
    ),
    rule('parks the update of a row that somebody else deleted, and makes none', async (port) => {
      await done(port, 'create', FIG, 1);
      await port.overwrite(null);
      const { verdict } = await port.send('update', DATE, 2);
      expect(verdict).toMatchObject({ type: 'parked', code: 'PORTER_BYPASS' });
      expect(await port.names()).toEqual([]);
    }),
    rule('parks what legacy refuses, in its words, with nothing under way', async (port) => {
      await done(port, 'create', FIG, 1);
      const { verdict } = await port.send('update', { name: REFUSED_NAME }, 2);
      expect(verdict).toMatchObject({ type: 'parked', code: 'PORTER_LEGACY_REJECTED' });
      expect(await port.names()).toEqual(['fig']);
      await done(port, 'update', DATE, 2);
    }),
    rule('writes nothing when its lease has lapsed, and stays as it was', async (port) => {
      await done(port, 'create', FIG, 1);
      port.lapse();
      const { verdict } = await port.send('update', DATE, 2);
      expect(verdict).toMatchObject({ type: 'again', mayHaveArrived: false });
      expect(await port.names()).toEqual(['fig']);
    }),
    rule('goes on when a legacy that was away is back', async (port) => {
      await done(port, 'create', FIG, 1);
      await port.away();
      const { verdict, target } = await port.send('update', DATE, 2);
      expect([verdict, target]).toMatchObject([{ type: 'again', mayHaveArrived: false }, { type: 'failed' }]);
      await port.back();
      await done(port, 'update', DATE, 2);
      expect(await port.writes()).toEqual(2);
    }),
    rule('sends no version that legacy has gone past', async (port) => {
      await done(port, 'create', FIG, 3);
      expect((await port.send('update', DATE, 2)).verdict).toEqual({ type: 'overtaken', byVersion: 3 });
      expect(await port.writes()).toEqual(1);
    }),
    rule('waits for the links that the row names, and sends nothing before', async (port) => {
      const { verdict } = await port.send('create', { ...FIG, owner: 'somebody' }, 1);
      expect(verdict).toMatchObject({ type: 'waiting', references: [{ entity: 'owner', id: 'somebody' }] });
      expect(await port.writes()).toEqual(0);
    }),
  ];
}
