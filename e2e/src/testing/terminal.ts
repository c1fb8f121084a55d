import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { within } from '../child-app.js';

const KEEPER = new URL('../../dist/testing/terminal-keeper.js', import.meta.url).pathname;
/** Stands on a line of its own behind each command's output, with its exit code. */
const END = /^~done (\d+)$/m;

export interface TerminalOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Done {
  readonly code: number;
  /** Both streams, as they came, without colours. */
  readonly output: string;
}

/** A shell as somebody sits before it: what one command exports, the next one has. */
export class Terminal {
  private readonly keeper: ChildProcess;
  private heard = '';

  constructor({ folder, env }: TerminalOptions) {
    this.keeper = spawn(process.execPath, [KEEPER, 'sh'], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.keeper.stdout, this.keeper.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.heard += stripVTControlCharacters(text);
        this.keeper.emit('heard');
      });
    }
  }

  /** Types the commands and waits until the last one has ended. Rejects with what was heard so far when that takes longer. */
  async run(commands: string, timeoutMs: number): Promise<Done> {
    this.type(commands);
    const output = await this.hears((text) => END.test(text), timeoutMs);
    return { code: Number(END.exec(output)?.[1]), output: output.replace(END, '') };
  }

  /** Types a command that goes on, and waits until it has said enough. */
  async begin(command: string, enough: (output: string) => boolean, timeoutMs: number): Promise<Done> {
    this.type(command);
    const output = await this.hears((text) => enough(text) || END.test(text), timeoutMs);
    const ended = END.exec(output);
    return { code: ended === null ? 0 : Number(ended[1]), output: output.replace(END, '') };
  }

  /** Ctrl-C, until the shell has its prompt again. */
  async interrupt(timeoutMs: number): Promise<void> {
    this.keeper.send('SIGINT');
    await this.hears((text) => END.test(text), timeoutMs);
  }

  async close(): Promise<void> {
    if (this.keeper.exitCode !== null || this.keeper.signalCode !== null) return;
    const exited = once(this.keeper, 'exit');
    this.keeper.disconnect();
    await exited;
  }

  private type(commands: string): void {
    this.heard = '';
    // Commands get no input: some would read what is typed next. An interrupted one still ends with its line.
    this.keeper.stdin?.write(`trap : INT\n{\n${commands}\n} </dev/null 2>&1\nprintf '\\n~done %s\\n' $?\n`);
  }

  private async hears(enough: (text: string) => boolean, timeoutMs: number): Promise<string> {
    const waits = async () => {
      while (!enough(this.heard)) {
        if (this.keeper.exitCode !== null) throw new Error(`The shell ended:\n${this.heard}`);
        await Promise.race([once(this.keeper, 'heard'), once(this.keeper, 'exit')]);
      }
    };
    await within(waits(), timeoutMs, () => `not done in ${timeoutMs} ms:\n${this.heard}`);
    return this.heard;
  }
}
