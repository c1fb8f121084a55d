import { type Codec, HEADER, RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import type { EventLog } from '@banyan/kafka';
import type { Finding } from '../finding.js';
import { TopicTail } from './topic-tail.js';

/** What the porter told of one port: each version once, the versions of a key in their order. */
export class ReceiptBook {
  readonly #tail: TopicTail;
  readonly #ported = new Map<string, { version: number; ids: Set<string> }>();

  constructor(
    log: EventLog,
    private readonly codec: Codec,
    topicPrefix: string,
    private readonly port: { readonly entity: string; readonly port: string },
  ) {
    this.#tail = new TopicTail(log, topicName(topicPrefix, RECEIPTS_TOPIC));
  }

  /** Reads on. @returns what is wrong with what is new */
  async read(): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const records of (await this.#tail.read()).values()) {
      for (const { value, headers } of records) {
        if (headers[HEADER.type] !== EventHandled.name || value === null) continue;
        const body = (await this.codec.decode(EventHandled.name, value)) as EventHandledData;
        const { entity, port } = this.port;
        if (body.entity !== entity || body.port !== port || body.outcome !== 'ported') continue;
        found.push(...this.#next(body, headers[HEADER.id] ?? ''));
      }
    }
    return found;
  }

  /** The same receipt may come again. */
  #next({ key, version }: EventHandledData, id: string): readonly Finding[] {
    const last = this.#ported.get(key) ?? { version: 0, ids: new Set<string>() };
    if (last.ids.has(id)) return [];
    last.ids.add(id);
    const before = last.version;
    last.version = Math.max(before, version);
    this.#ported.set(key, last);
    if (version > before) return [];
    return [
      version === before
        ? { promise: 'P8', kind: 'doubled', what: `version ${version} of ${key} was ported twice` }
        : { promise: 'P4', kind: 'covered', what: `version ${version} of ${key} was ported behind version ${before}` },
    ];
  }
}
