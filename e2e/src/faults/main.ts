import { parseArgs } from 'node:util';
import { Random } from '@banyan/core/testing';
import { stopOnSignal } from '../stop-on-signal.js';
import { type Arena, FROZEN_MS, openArena } from './arena.js';
import { drawFaults } from './draw.js';
import { FAULTS, faultsNamed, nameOf } from './list/all-faults.js';
import { runTrial, type TrialResult } from './trial.js';

const HELP = `npm run campaign -- --trials N [--seed S] [--fault NAME] [--ledger FILE] [--orders N]
  N trials, each a fault or two that follow from the seed; 1 when a promise is broken in one of them
  --fault NAME    this one alone, or two at once: 'NAME + NAME'; given more than once, each in turn; an unknown name tells those there are
  --ledger FILE   a line is appended for each trial, see docs/reference/guarantees.md
  --orders N      new orders before a fault comes, and behind its end (default 40)
  --list          the names of the faults`;

const WRITES_PER_SECOND = 30;

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    fault: { type: 'string', multiple: true, default: [] },
    ledger: { type: 'string' },
    orders: { type: 'string', default: '40' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.list) for (const { name } of FAULTS) console.log(name);
else process.exitCode = (await campaign()) ? 0 : 1;

async function campaign(): Promise<boolean> {
  const [trials, seed, orders] = [whole('trials'), whole('seed'), whole('orders')];
  const named = values.fault.map(faultsNamed);
  const random = new Random(seed);
  let arena: Arena | undefined;
  stopOnSignal(async () => arena?.close());
  const total = { trials: 0, writes: 0, wrong: 0, broken: 0 };
  for (let trial = 1; trial <= trials; trial += 1) {
    const faults = named[(trial - 1) % named.length] ?? drawFaults(FAULTS, random);
    const name = nameOf(faults);
    try {
      arena ??= await openArena('campaign', {
        seed: seed + trial,
        writesPerSecond: WRITES_PER_SECOND,
        frozenMs: FROZEN_MS,
      });
      const { writes, found, seconds, parts, ended } = await runTrial(arena, faults, { orders, ledger: values.ledger });
      total.trials += 1;
      total.writes += writes;
      total.wrong += found.length;
      console.log(
        `${trial}/${trials}  ${name}: ${writes} writes, ${found.length} wrong, ${seconds} s (${told(parts)})`,
      );
      for (const { promise, kind, what } of found) console.log(`    ${promise} ${kind}: ${what}`);
      for (const one of ended) console.log(`    ${one}, and was started again`);
      // What is wrong in a world may make the next trial wrong as well.
      if (found.length > 0) arena = await closed(arena);
    } catch (error) {
      total.broken += 1;
      console.log(`${trial}/${trials}  ${name}: broke off: ${error instanceof Error ? error.message : String(error)}`);
      arena = await closed(arena);
    }
  }
  await closed(arena);
  console.log(
    `${total.wrong} of ${total.writes} acknowledged writes lost, doubled, covered, unowned or otherwise wrong in ${total.trials} trials; ` +
      `${total.broken} broke off; seed ${seed}`,
  );
  return total.wrong === 0 && total.broken === 0;
}

function told(parts: TrialResult['parts']): string {
  return Object.entries(parts)
    .map(([what, seconds]) => `${what} ${seconds}`)
    .join(', ');
}

async function closed(arena: Arena | undefined): Promise<undefined> {
  await arena?.close();
}

function whole(name: 'trials' | 'seed' | 'orders'): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} ${values[name]} is no whole number above 0\n${HELP}`);
  return number;
}
