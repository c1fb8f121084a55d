import { constants } from 'node:os';

/** What must not outlive this process. */
interface Mortal {
  /** False when the caller ends the process in its own way. */
  readonly exitOnSignal: boolean;
  stop(): Promise<void>;
  /** In the last moment of the process: only what needs no waiting. */
  abort(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

const alive = new Set<Mortal>();
let ending = false;

/** Ends `mortal` when this process ends in any way but kill -9: signal, exit, uncaught error. Returns the way out. */
function endWithProcess(mortal: Mortal): () => void {
  alive.add(mortal);
  listen();
  return () => {
    alive.delete(mortal);
    listen();
  };
}

/** Only while somebody needs it: a listener for a signal takes away its usual effect. */
function listen(): void {
  process.off('exit', abortAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
  if (alive.size > 0) process.on('exit', abortAll);
  if ([...alive].some(({ exitOnSignal }) => exitOnSignal)) for (const signal of SIGNALS) process.on(signal, onSignal);
}

function abortAll(): void {
  for (const mortal of alive) mortal.abort();
}

/** The first signal stops in order; a second one does not wait: `exit` aborts what is left. */
function onSignal(signal: Signal): void {
  const mine = [...alive].filter(({ exitOnSignal }) => exitOnSignal);
  if (mine.length === 0) return;
  const code = 128 + constants.signals[signal];
  if (ending) process.exit(code);
  ending = true;
  void Promise.allSettled(mine.map((mortal) => mortal.stop())).then(() => process.exit(code));
}

export { endWithProcess, type Mortal };
