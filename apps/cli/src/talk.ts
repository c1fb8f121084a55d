import Table from 'cli-table3';

/** stdout is data, stderr is talk. */
export interface Talk {
  /** `--json`: data as one JSON document instead of text for people. */
  readonly json: boolean;
  data(value: unknown, asText: () => string): void;
  say(line: string): void;
  /** Shows how far long work is: in place on a terminal, a line every 10 s elsewhere. */
  progress(line: string): void;
}

const LINE_EVERY_MS = 10_000;

export function createTalk(json: boolean): Talk {
  let lastLineAt = performance.now();
  let open = false;
  const endLine = () => {
    if (open) process.stderr.write('\n');
    open = false;
  };
  return {
    json,
    data(value, asText) {
      endLine();
      process.stdout.write(`${json ? JSON.stringify(value) : asText()}\n`);
    },
    say(line) {
      endLine();
      process.stderr.write(`${line}\n`);
    },
    progress(line) {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[2K${line}`);
        open = true;
      } else if (performance.now() - lastLineAt >= LINE_EVERY_MS) {
        lastLineAt = performance.now();
        process.stderr.write(`${line}\n`);
      }
    },
  };
}

/** A plain table: columns are lined up, nothing is drawn. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const plain = new Table({
    head: [...head],
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  plain.push(...rows.map((row) => row.map(String)));
  return plain.toString();
}
