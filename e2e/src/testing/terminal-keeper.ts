import { spawn } from 'node:child_process';

// Runs a command in a process group of its own, as a terminal does: a signal reaches all of it. Whoever started this is gone, by
// kill -9 too: then all of it goes.
const GRACE_MS = 20_000;
const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit', detached: true });

function toAll(signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}

process.on('message', (signal) => toAll(signal as NodeJS.Signals));
process.once('disconnect', () => {
  toAll('SIGTERM');
  setTimeout(() => toAll('SIGKILL'), GRACE_MS);
});
child.once('error', () => process.exit(127));
child.once('exit', (code) => {
  // What the command has left behind in its group goes with it.
  toAll('SIGKILL');
  process.exit(code ?? 1);
});
