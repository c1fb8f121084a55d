import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpenIntent } from '@banyan/importing';

/** The porter's internal API as a journal without entries answers it; tests may give it some. */
export interface PorterTwin {
  readonly url: string;
  links: { entity: string; key: string; legacyId: string }[];
  intents: OpenIntent[];
  close(): Promise<void>;
}

export async function startPorterTwin(): Promise<PorterTwin> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://porter');
    const entity = url.searchParams.get('entity');
    const wanted = (name: string) => url.searchParams.get(name)?.split(',') ?? [];
    const links = twin.links.filter(
      (link) =>
        link.entity === entity && (wanted('legacyIds').includes(link.legacyId) || wanted('keys').includes(link.key)),
    );
    const intents = twin.intents.filter((intent) => intent.entity === entity);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url.pathname.endsWith('/links') ? { links } : { intents }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const twin: PorterTwin = {
    url: `http://127.0.0.1:${port}`,
    links: [],
    intents: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return twin;
}
