import {
  type Caught,
  httpRequest,
  produceBy,
  type Request,
  type Snare,
  type SqlStatement,
} from '@banyan/stack/testing';
import { within } from '../../child-app.js';
import type { Arena } from '../arena.js';
import type { Fault } from '../fault.js';
import { inserts, sets } from './statement-text.js';

type Victim = 'v2-projector' | 'legacy-porter';

/** A place that a process reaches again and again, by what it says to others there: the request goes out, or its answer comes back. */
type Place =
  | { readonly over: 'postgres'; readonly meant: (statement: SqlStatement) => boolean; readonly at: Caught }
  | { readonly over: 'legacy' | 'kafka'; readonly meant: Request; readonly at: Caught };

/** Load goes on meanwhile: whoever works passes there within seconds. */
const REACHED_MS = 30_000;

const TAKES_POSITION = sets('v2', 'sink_offset', 'next_offset =');
const STATES = inserts('v2', 'state');
const CLOSES_INTENT = sets('porter', 'intent', "state = 'closed'");

const statement = (text: RegExp, at: Caught): Place => ({ over: 'postgres', at, meant: (sql) => text.test(sql.text) });
const commitBehind = (text: RegExp, at: Caught): Place => ({
  over: 'postgres',
  at,
  meant: (sql) => /^commit$/i.test(sql.text) && sql.before.some((one) => text.test(one)),
});
const write = httpRequest(/^(POST|PUT) \/api\/orders/);
const receipt = produceBy('legacy-porter-0');

const PLACES: Readonly<Record<Victim, Readonly<Record<string, Place>>>> = {
  'v2-projector': {
    'before a position is taken': statement(TAKES_POSITION, 'request'),
    'behind a position that is taken': statement(TAKES_POSITION, 'answer'),
    'before states are written': statement(STATES, 'request'),
    'between states and rows': statement(inserts('v2', 'orders'), 'request'),
    'between rows and books': statement(inserts('v2', 'sink_books'), 'request'),
    'before a slice commits': commitBehind(STATES, 'request'),
    'behind a slice that has committed': commitBehind(STATES, 'answer'),
  },
  'legacy-porter': {
    'behind an intake that has committed': commitBehind(inserts('porter', 'work'), 'answer'),
    'between a claim and its journal': statement(inserts('porter', 'intent'), 'request'),
    'between journal and send': { over: 'legacy', meant: write, at: 'request' },
    'between a send and its answer': { over: 'legacy', meant: write, at: 'answer' },
    'between an answer and its result': commitBehind(CLOSES_INTENT, 'request'),
    'between a result and its receipt': { over: 'kafka', meant: receipt, at: 'request' },
    'behind a receipt that is in the log': { over: 'kafka', meant: receipt, at: 'answer' },
  },
};

/** kill -9 while the very bytes that lead away from a place are held up: nothing that the process does behind it can have happened. */
export const killPoints: readonly Fault[] = (['v2-projector', 'legacy-porter'] as const).flatMap((victim) =>
  Object.entries(PLACES[victim]).map(
    ([name, place]): Fault => ({
      name: `${victim} killed ${name}`,
      breaks: [victim],
      strike: async (arena) => {
        const app = arena.world.app(victim);
        const snare = snareOf(arena, victim, place);
        try {
          await within(snare.sprung, REACHED_MS, () => `${victim} did not come to the place "${name}"`);
        } finally {
          snare.disarm();
        }
        await app.start();
        return undefined;
      },
    }),
  ),
);

function snareOf({ linked, world }: Arena, victim: Victim, place: Place): Snare {
  const kill = () => world.app(victim).kill();
  if (place.over !== 'postgres') return linked.links[place.over].snare(place.meant, place.at, kill);
  const own = ({ applicationName }: SqlStatement) => applicationName === `${victim}-0`;
  return linked.statements.arm((sql) => own(sql) && place.meant(sql), place.at, kill);
}
