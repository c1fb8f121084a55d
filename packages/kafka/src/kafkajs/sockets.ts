import { Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { socketFactory } from './internals.js';

/**
 * The sockets of one client, so that its end is an end. kafkajs connects anew behind a disconnect when something was under way; such a
 * connection belongs to nobody, keeps its process up and its member in the group.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #connect: ISocketFactory = socketFactory();
  #ended = false;

  /** How kafkajs is to open them. */
  readonly factory: ISocketFactory = (options) => {
    if (this.#ended) return new Socket().destroy(closed());
    const socket = this.#connect(options);
    this.#open.add(socket);
    // Whoever holds it hears of its errors as well; this is for the end, when nobody may.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Destroys those that are left, and opens none any more. */
  end(): void {
    this.#ended = true;
    // With an error: of a mere close kafkajs hears nothing, believes in the connection, and looks after its requests for ever.
    for (const socket of this.#open) socket.destroy(closed());
  }
}

function closed(): Error {
  return new Error('the log is closed');
}
