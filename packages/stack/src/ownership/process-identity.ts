import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When this process started, as a text that is compared and not read: the kernel gives a pid again after its process ended,
 * and only pid and start together name one process. Undefined when no such process lives.
 */
function startedAt(pid: number): string | undefined {
  return process.platform === 'linux' ? startedAtFromProc(pid) : startedAtFromPs(pid);
}

function startedAtFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, which may hold spaces and parentheses itself; the state is the first
    // field after it, the start in clock ticks since boot the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || start === undefined) return undefined;
    return `${bootId()}:${start}`;
  } catch {
    return undefined;
  }
}

/** Ticks since boot say nothing across a reboot, so the boot is part of the identity. */
function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startedAtFromPs(pid: number): string | undefined {
  try {
    const options = {
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' },
      stdio: 'pipe',
    } as const;
    const [state, ...start] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], options)
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** One process, also after its pid was given to another. */
interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** Undefined when the process is gone already. */
function identify(pid: number): ProcessIdentity | undefined {
  const start = startedAt(pid);
  return start === undefined ? undefined : { pid, startedAt: start };
}

function isAlive(identity: ProcessIdentity): boolean {
  return startedAt(identity.pid) === identity.startedAt;
}

/** Sends the signal to this very process, never to another that has its pid now. False when it is gone. */
function signalIfSame(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

export { identify, isAlive, type ProcessIdentity, signalIfSame, startedAt };
