import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tally } from '../harness/gate.js';
import type { ParcelRow } from './parcel.js';
import { ExpectedParcels } from './table.js';

/**
 * A legacy system that does nothing but take its time: parcels in memory, each request answered after the same delay. Each row has an ETag, and
 * a change whose If-Match is another one is refused.
 */
export interface LegacyServer {
  readonly url: string;
  /** How often a row was made or changed. */
  writes(): number;
  /** All requests, looks included. */
  requests(): number;
  /** From the first request to the answer of the last write, seconds. */
  seconds(): number;
  /** Resolves when so many writes are answered. Rejects when nothing comes for a minute. */
  written(count: number): Promise<void>;
  /** Writes, and a checksum over the rows that are there; a change that came before the one it follows spoils it. */
  tally(): Tally;
  rows(): readonly ParcelRow[];
  close(): Promise<void>;
}

export interface LegacyServerOptions {
  readonly delayMs: number;
  readonly rows: readonly ParcelRow[];
  /** When a write can be seen. */
  readonly onWrite?: (row: ParcelRow) => void;
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly total?: number;
  readonly etag?: string;
}

const SILENT_MS = 60_000;

export async function serveLegacy({ delayMs, rows: given, onWrite }: LegacyServerOptions): Promise<LegacyServer> {
  const rows = new Map(given.map((row) => [Number(row.ParcelID), row]));
  let next = rows.size + 1;
  let requests = 0;
  let writes = 0;
  let overtaken = 0;
  let firstAt = 0;
  let lastAt = 0;
  let waiting: { readonly count: number; resolve(): void } | undefined;

  const write = (row: ParcelRow): void => {
    rows.set(Number(row.ParcelID), row);
    onWrite?.(row);
  };
  const etagOf = (row: ParcelRow): string => `"${row.revision}-${row.ParcelID}"`;
  const answer = (request: IncomingMessage, body: string): Answer => {
    const url = new URL(request.url ?? '/', 'http://legacy');
    const id = Number(url.pathname.split('/')[2] ?? Number.NaN);
    if (request.method === 'POST') {
      const row = { ...JSON.parse(body), ParcelID: next } as ParcelRow;
      next += 1;
      write(row);
      return { status: 201, json: row, etag: etagOf(row) };
    }
    if (request.method === 'PUT') {
      const row = { ...JSON.parse(body), ParcelID: id } as ParcelRow;
      const there = rows.get(id);
      const ifMatch = request.headers['if-match'];
      if (ifMatch !== undefined && (there === undefined || ifMatch !== etagOf(there))) return { status: 412, json: {} };
      if (row.revision !== (there?.revision ?? 0) + 1) overtaken += 1;
      write(row);
      return { status: 200, json: row, etag: etagOf(row) };
    }
    if (Number.isNaN(id)) {
      const note = url.searchParams.get('note');
      if (note !== null) return list([...rows.values()].filter((row) => row.note === note));
      const size = Number(url.searchParams.get('size'));
      const from = (Number(url.searchParams.get('page')) - 1) * size;
      // Ids are counted and nothing is deleted: the row at a place has the next id.
      const page = Array.from({ length: Math.max(0, Math.min(size, rows.size - from)) }, (_, at) =>
        rows.get(from + at + 1),
      );
      return { ...list(page), total: rows.size };
    }
    const row = rows.get(id);
    return row === undefined ? { status: 404, json: {} } : { status: 200, json: row, etag: etagOf(row) };
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    firstAt ||= performance.now();
    requests += 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const reply = (): void => {
      const { status, json, total, etag } = answer(request, body);
      if (total !== undefined) response.setHeader('x-total-count', total);
      if (etag !== undefined) response.setHeader('etag', etag);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      if (request.method === 'GET' || status >= 300) return;
      writes += 1;
      lastAt = performance.now();
      if (waiting !== undefined && writes >= waiting.count) waiting.resolve();
    };
    if (delayMs === 0) reply();
    else setTimeout(reply, delayMs);
  });
  // Ours and the baselines hold on to their connections; a server that closes them between two requests would only lose some.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: () => writes,
    requests: () => requests,
    seconds: () => (lastAt - firstAt) / 1000,
    written: (count) =>
      new Promise((resolve, reject) => {
        let seen = -1;
        const watch = setInterval(() => {
          if (seen === requests) {
            clearInterval(watch);
            reject(new Error(`legacy got ${writes} of ${count} writes, and nothing more for ${SILENT_MS / 1000} s`));
          }
          seen = requests;
        }, SILENT_MS);
        const done = (): void => {
          clearInterval(watch);
          resolve();
        };
        waiting = { count, resolve: done };
        if (writes >= count) done();
      }),
    tally: () => {
      const found = new ExpectedParcels();
      for (const { ParcelID, movedAt, ...row } of rows.values())
        found.add(String(ParcelID), { ...row, movedAt: Date.parse(movedAt) });
      return { count: writes, checksum: overtaken === 0 ? found.tally().checksum : `${overtaken} out of order` };
    },
    rows: () => [...rows.values()],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function list(rows: readonly unknown[]): Answer & { readonly total: number } {
  return { status: 200, json: rows, total: rows.length };
}
