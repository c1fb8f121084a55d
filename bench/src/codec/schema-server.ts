import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SchemaServer {
  readonly url: string;
  close(): void;
}

/** As much of a registry as a codec asks once and never again: no run of this bench has to wait for a real one. Ids from 1. */
export async function serveSchemas(subject: string, schemas: readonly object[]): Promise<SchemaServer> {
  const texts = schemas.map((schema) => JSON.stringify(schema));
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, body } = answer(request.url ?? '/', Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body));
  });
  const answer = (path: string, body: string): { status: number; body: object } => {
    const id = Number(/^\/schemas\/ids\/(\d+)/.exec(path)?.[1]);
    if (id > 0) return found({ schema: texts[id - 1] }, texts[id - 1] !== undefined);
    const asked = body === '' ? undefined : (JSON.parse(body) as { schema: string }).schema;
    const place = asked === undefined ? -1 : texts.indexOf(asked);
    return found({ subject, id: place + 1, version: place + 1, schema: asked }, place >= 0);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function found(body: object, isThere: boolean): { status: number; body: object } {
  return isThere ? { status: 200, body } : { status: 404, body: { error_code: 40403, message: 'Schema not found' } };
}
