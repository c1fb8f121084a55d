import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '@banyan/core';
import { entities } from '@banyan/migration';
import {
  type ConsumerStatus,
  isOpen,
  readStatus,
  type Status,
  type TargetStatus,
  withControl,
} from '@banyan/operations';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { seconds } from '../numbers.js';
import { runCommand } from '../run-command.js';
import { type Talk, table } from '../talk.js';

/** Status is asked when things are broken: it does not wait long for the control log. */
const CONTROL_MS = 3_000;
const ASK_AGAIN_MS = 500;

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('modes, lag and what waits, per consumer')
    .option('--wait <seconds>', 'until nothing lags, waits, is parked or away, so long at most', seconds)
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean; wait?: number }) =>
      runCommand(options, async ({ connections, talk }) => {
        const { NEW_API_URL, PROXY_ADMIN_URL } = connections.config;
        const answering = [
          { app: 'new-api', url: NEW_API_URL, consumes: false },
          { app: 'legacy-api-proxy', url: PROXY_ADMIN_URL, consumes: false },
        ];
        const ask = () => readStatus([...connections.consumers, ...answering]);
        const asked = options.wait === undefined ? await ask() : await untilQuiet(ask, options.wait, talk);
        const control = await connections.control(CONTROL_MS).catch((error: unknown) => {
          talk.say(
            `modes are those of the entities' topics: ${error instanceof Error ? error.message : String(error)}`,
          );
          return undefined;
        });
        const names = entities.map(({ name }) => name);
        const status = control === undefined ? asked : withControl(asked, control.state(), names);
        talk.data(status, () => asText(status));
        const wrong = status.apps.flatMap(({ app, consumers }) =>
          consumers.flatMap(({ consumer, books }) =>
            (books?.problems ?? []).map((why) => `${app} ${consumer}, ${why}`),
          ),
        );
        for (const why of wrong) talk.say(`the books do not balance: ${why}`);
        const failed = options.wait === undefined ? status.apps.some(({ away }) => away !== undefined) : !status.quiet;
        return failed || wrong.length > 0 ? EXIT.failure : EXIT.ok;
      }),
    );
}

/** The status as it is when it is quiet, or when the time is over. */
async function untilQuiet(ask: () => Promise<Status>, waitSeconds: number, talk: Talk): Promise<Status> {
  const begun = performance.now();
  for (;;) {
    const status = await ask();
    const waitedSeconds = (performance.now() - begun) / 1_000;
    if (status.quiet || waitedSeconds >= waitSeconds) return status;
    talk.progress(`waiting for ${waitedSeconds.toFixed(0)} s: ${whatIsLeft(status)}`);
    await delay(ASK_AGAIN_MS);
  }
}

function whatIsLeft({ apps }: Status): string {
  const left = apps.flatMap(({ app, away, consumers }) => {
    if (away !== undefined) return [`${app} is away`];
    return consumers.flatMap(({ consumer, state, lagRecords, work = 0, waiting = 0, inDoubt = 0, parked, resync }) => {
      const anew = resync != null && isOpen(resync) ? resync.total - resync.done : 0;
      const counts = { lag: lagRecords, sends: work, waiting, 'in doubt': inDoubt, parked, 'to make anew': anew };
      const some = Object.entries(counts).filter(([, count]) => count > 0);
      if (state === 'running' && some.length === 0 && !isOpen(resync)) return [];
      return [`${app} ${consumer} ${[state, ...some.map(([name, count]) => `${name} ${count}`)].join(', ')}`];
    });
  });
  return left.join('; ');
}

function asText({ apps, modes, reads, ports, paused = [], rebuild }: Status): string {
  const consumers = apps.flatMap(({ app, instance, away, consumers: all, targets = [], notConfigured = [] }) => {
    if (away !== undefined) return [[app, '-', 'away', '-', '-', '-', '-', away]];
    if (all.length === 0 && notConfigured.length === 0) return [[app, '-', 'up', '-', '-', '-', '-', instance ?? '']];
    const off = notConfigured.map(({ consumer, variable }) => {
      const note = `not configured: ${variable} is not set`;
      return [app, consumer, 'off', '-', '-', '-', '-', note];
    });
    const running = all.map((one) => [
      app,
      one.consumer,
      one.state,
      `${one.lagRecords}`,
      `${one.lagSeconds} s`,
      one.unlike ? `${one.parked} (${one.unlike} unlike)` : `${one.parked}`,
      one.work === undefined ? '-' : `${one.work} (${one.waiting ?? 0} waiting, ${one.inDoubt ?? 0} in doubt)`,
      noteOf(one, targets),
    ]);
    return [...running, ...off];
  });
  const head = ['app', 'consumer', 'state', 'lag', 'behind', 'parked', 'sends', 'note'];
  const known = entities
    .map(({ name }) => modes.find(({ entity }) => entity === name))
    .filter((mode) => mode !== undefined);
  const modeRows = known.map(({ entity, writes, epoch, opened, move }) => [
    entity,
    writes,
    epoch,
    opened === undefined ? '?' : opened ? 'yes' : 'no',
    move === undefined ? '?' : (move ?? '-'),
  ]);
  const others = [...Object.entries(reads ?? {}), ...Object.entries(ports ?? {})];
  const anew = apps.flatMap(({ app, consumers: all }) => all.flatMap((one) => anewRow(app, one)));
  const books = apps.flatMap(({ app, consumers: all }) => all.flatMap((one) => booksRow(app, one)));
  const beside = rebuildRows(apps, rebuild);
  return [
    table(head, consumers),
    ...(books.length === 0 ? [] : [table(BOOKS_HEAD, books)]),
    ...(anew.length === 0 ? [] : [table(ANEW_HEAD, anew)]),
    ...(beside.length === 0 ? [] : [table(BESIDE_HEAD, beside)]),
    table(['entity', 'writes', 'epoch', 'opened', 'move'], modeRows),
    ...(paused.length === 0
      ? []
      : [
          table(
            ['paused', 'by', 'since', 'why'],
            paused.map(({ consumer, by, at, reason }) => [consumer, by, at, reason ?? '-']),
          ),
        ]),
    ...(others.length === 0 ? [] : [table(['route or port', 'mode'], others)]),
  ].join('\n\n');
}

const ANEW_HEAD = ['made anew', 'is', 'keys', 'left', 'stand', 'failed', 'by', 'since', 'why'];

/** What is under way, and what ended with keys that could not be made anew. */
function anewRow(app: string, { consumer, resync }: ConsumerStatus): string[][] {
  if (resync == null || !(isOpen(resync) || resync.failed > 0)) return [];
  const { state, done, total, secondsLeft, standing, failed, by, at, reason } = resync;
  const left = secondsLeft === null ? '-' : `${secondsLeft} s`;
  return [
    [`${app} ${consumer}`, state, `${done} of ${total}`, left, `${standing}`, `${failed}`, by, at, reason ?? '-'],
  ];
}

const BESIDE_HEAD = ['V2 beside', 'consumer', 'state', 'lag', 'behind', 'parked', 'note', 'by', 'since', 'why'];

/** How far a V2 is that is made anew: of each process, or that nobody says so. */
function rebuildRows(apps: Status['apps'], asked: Status['rebuild']): string[][] {
  const who = asked == null ? ['-', '-', '-'] : [asked.by, asked.at, asked.reason ?? '-'];
  const rows = apps.flatMap(({ rebuild }) => {
    if (rebuild == null) return [];
    const { database, waitsFor, consumers } = rebuild;
    if (waitsFor !== null) return [[database, '-', 'waiting', '-', '-', '-', waitsFor, ...who]];
    return consumers.map(({ consumer, state, lagRecords, lagSeconds, parked, lastError, paused }) => {
      const note = paused == null ? (lastError ?? '') : `paused by ${paused.by}`;
      return [database, consumer, state, `${lagRecords}`, `${lagSeconds} s`, `${parked}`, note, ...who];
    });
  });
  if (rows.length > 0 || asked == null) return rows;
  return [[asked.database, '-', '-', '-', '-', '-', 'no projector that was asked is at it', ...who]];
}

/** Who holds it; else why it is driven slower, and its last error. */
function noteOf({ paused, target, lastError }: ConsumerStatus, targets: readonly TargetStatus[]): string {
  if (paused != null) return `paused by ${paused.by}`;
  const slow = targets.find((one) => one.target === target)?.slowBecause;
  return [slow, lastError].filter((words) => words != null).join('; ');
}

/** In the order of the fold's table; an outcome that is added there has to be told here. */
const OUTCOMES: Readonly<Record<Outcome, true>> = {
  effective: true,
  unchanged: true,
  superseded: true,
  duplicate: true,
  stale: true,
  conflict: true,
  invalid: true,
};
const BOOK_COLUMNS = ['records', 'marker', ...Object.keys(OUTCOMES), 'applied', 'parked', 'discarded'];
const BOOKS_HEAD = ['app', 'consumer', ...BOOK_COLUMNS, 'books'];

/** Nothing is dropped: records = markers + outcomes, and effective = applied + parked + discarded. */
function booksRow(app: string, { consumer, books }: ConsumerStatus): string[][] {
  if (books === undefined) return [];
  const { total, balanced, problems } = books;
  const counts = BOOK_COLUMNS.map((column) => `${total[column] ?? 0}`);
  return [[app, consumer, ...counts, balanced ? 'balance' : `do not balance (${problems.length})`]];
}
