import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that can stop listening and come back on the same port. Calls are carried out one after the other. */
export class Listener {
  private port: number;
  private server: Server | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: { readonly host: string; readonly port: number }) {
    this.port = options.port;
  }

  /** For fastify's `serverFactory`. */
  readonly makeServer = (handler: RequestListener): Server => {
    this.server = createServer(handler);
    return this.server;
  };

  get url(): string {
    const { host } = this.options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** Throws when the port is taken. */
  async up(): Promise<void> {
    await this.next(async (server) => {
      if (server.listening) return;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(this.port, this.options.host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      this.port = (server.address() as AddressInfo).port;
    });
  }

  /** Stops listening; open requests get `graceMs` to finish, then their connections are cut. */
  async down(graceMs = 0): Promise<void> {
    await this.next(async (server) => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    });
  }

  private next(step: (server: Server) => Promise<void>): Promise<void> {
    const { server } = this;
    if (server === undefined) throw new Error('There is no server yet.');
    const done = this.turn.then(() => step(server));
    this.turn = done.catch(() => {});
    return done;
  }
}
