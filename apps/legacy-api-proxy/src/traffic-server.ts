import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenFailure } from '@banyan/service';
import { Pool } from 'undici';
import { answerText, type PassThrough, type PassThroughOptions, passThrough, refusalOf } from './pass-through.js';

export interface TrafficServerOptions extends Omit<PassThroughOptions, 'legacy'> {
  readonly legacyUrl: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Connections kept to legacy at most. */
  readonly connections: number;
  /** Looks at each call and hands it on by `pass`, or answers itself; default: all pass. Must not throw. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse, pass: PassThrough) => void;
}

export interface TrafficServer {
  readonly url: string;
  /** Stops accepting, lets open calls finish for `timeoutMs`, then cuts what is left. */
  close(timeoutMs: number): Promise<void>;
}

const LOOK_FOR_IDLE_MS = 50;

/** The server at legacy's address. It stands beside Nest, not inside it: bytes pass without a router in between. */
export async function startTrafficServer(options: TrafficServerOptions): Promise<TrafficServer> {
  const legacy = new Pool(new URL(options.legacyUrl).origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: 2_000 },
  });
  const pass = passThrough({ ...options, legacy });
  const { handle } = options;
  const server = createServer(
    // What legacy would accept the proxy must not refuse: header sizes and counts are legacy's to judge.
    { maxHeaderSize: 64 * 1024, requestTimeout: 0, keepAliveTimeout: 30_000 },
    (request, response) => {
      const refusal = refusalOf(request);
      if (refusal !== undefined) answerText(response, 400, refusal);
      else if (handle === undefined) pass(request, response);
      else handle(request, response, pass);
    },
  );
  server.maxHeadersCount = 0;
  await listen(server, options);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url: `http://${options.host}:${port}`, close: (timeoutMs) => close(server, legacy, timeoutMs) };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(listenFailure(error, { host, port }));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

async function close(server: Server, legacy: Pool, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection whose call is answered only now would be kept by its client for a next one, and hold the stop up.
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_FOR_IDLE_MS);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
  await legacy.destroy();
}
