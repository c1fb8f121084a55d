import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be shut and opened again, at one address: the server is away, and comes back. */
export interface Gate {
  /** `127.0.0.1:port` */
  readonly address: string;
  open(): Promise<void>;
  /** Breaks every connection and refuses new ones. */
  shut(): Promise<void>;
}

/** Shut to begin with. @param target `host:port` */
export async function gateTo(target: string): Promise<Gate> {
  const { hostname, port: targetPort } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const open = async (): Promise<void> => {
    server = createServer((near) => {
      const far = connect(Number(targetPort), hostname);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) port = address.port;
  };
  const shut = async (): Promise<void> => {
    const closed = server === undefined ? undefined : once(server, 'close');
    server?.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    server = undefined;
  };
  await open();
  await shut();
  return { address: `127.0.0.1:${port}`, open, shut };
}
