/** One Ctrl-C comes up to three times: from the terminal, through npm and through tools/run.mjs, which pass it on. */
const SAME_SIGNAL_MS = 1_000;

/** Ctrl-C and SIGTERM stop what was started, in order, before the process ends; a second one does not wait. */
export function stopOnSignal(stop: () => Promise<unknown>): void {
  let stoppingSince: number | undefined;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(code);
        return;
      }
      stoppingSince = performance.now();
      process.stderr.write('\nstopping …\n');
      stop().then(
        () => process.exit(code),
        (error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}
