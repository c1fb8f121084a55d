import { answered, header, type Json, PROBLEM, told } from '../http/openapi-parts.js';
import { OUTCOMES, PORT_STATES, RECEIPT_STATES } from './receipt.js';

/** `GET /v2/receipts/{eventId}`. @param waitMaxS longest wait that may be asked for, seconds */
export function receiptOperation(waitMaxS: number): Json {
  const eventId = 'Of the 202, as `eventId`.';
  const wait = `How long to wait for news, seconds; the answer comes earlier when something changes or nothing more will come.`;
  return {
    operationId: 'GetReceipt',
    summary: 'What became of an event.',
    tags: ['receipts'],
    parameters: [
      { name: 'eventId', in: 'path', required: true, description: eventId, schema: { type: 'string', format: 'uuid' } },
      {
        name: 'wait',
        in: 'query',
        required: false,
        description: wait,
        schema: { type: 'integer', minimum: 0, maximum: waitMaxS },
      },
      header('Prefer', `\`wait=\`: the same, as far as it goes: up to ${waitMaxS}.`),
      header('If-None-Match', 'The ETag that the caller has: news is what differs from it; 304 when there is none.'),
    ],
    responses: {
      200: answered(
        'The receipt as it is now.',
        { $ref: '#/components/schemas/Receipt' },
        {
          ETag: told('Of this receipt.'),
          'Retry-After': told('Seconds after which to ask again; missing when nothing more will come.'),
          'Preference-Applied': told('The `wait=` that was kept to.'),
        },
      ),
      304: { description: 'Nothing new within the wait.' },
      404: { ...PROBLEM, description: 'No receipt was given for this event, or it is older than 7 days.' },
      default: PROBLEM,
    },
  };
}

/** Of a 202. */
export function acceptedSchema(): Json {
  return {
    type: 'object',
    description: 'No acknowledgement: the event is in the log, and its receipt tells what becomes of it.',
    required: ['id', 'eventId', 'status', 'receipt', 'detail'],
    properties: {
      id: { type: 'string', format: 'uuid', description: 'Of the entity.' },
      eventId: { type: 'string', format: 'uuid' },
      status: { const: 'accepted' },
      receipt: { type: 'string', description: 'Path of the receipt.' },
      detail: { type: 'string' },
    },
  };
}

export function receiptSchema(): Json {
  const text = (description: string): Json => ({ type: ['string', 'null'], description });
  return {
    type: 'object',
    description: 'What became of an event, kept for 7 days.',
    required: [
      'eventId',
      'entity',
      'id',
      'location',
      'state',
      'outcome',
      'version',
      'ports',
      'done',
      'since',
      'keptUntil',
    ],
    properties: {
      eventId: { type: 'string', format: 'uuid' },
      entity: { type: 'string' },
      id: { type: 'string', format: 'uuid', description: 'Of the entity.' },
      location: text('Path of the entity.'),
      state: { enum: RECEIPT_STATES, description: 'How far the event has come in V2.' },
      outcome: {
        enum: [...OUTCOMES, null],
        description: 'Anything but `effective` took no effect, and never will. null = not known yet.',
      },
      version: { type: ['integer', 'null'], description: 'That it made.' },
      parked: {
        type: ['object', 'null'],
        description: 'State `parked`: the event that V2 stands still behind.',
        properties: { eventId: text(''), eventType: text(''), errorCode: text(''), errorMessage: text('') },
      },
      ports: {
        type: 'array',
        description: 'Of an event that took effect.',
        items: {
          type: 'object',
          required: ['port', 'state', 'legacyId', 'errorCode', 'message'],
          properties: {
            port: { type: 'string' },
            state: { enum: PORT_STATES },
            legacyId: text('The id of its row in legacy, once there is one.'),
            errorCode: text(''),
            message: text(''),
            legacyStatus: { type: 'integer', description: 'State `refused`: legacy’s own.' },
            legacyWords: { type: 'string' },
          },
        },
      },
      done: { type: 'boolean', description: 'Nothing more will come.' },
      since: { type: 'string', format: 'date-time' },
      keptUntil: { type: 'string', format: 'date-time' },
    },
  };
}
