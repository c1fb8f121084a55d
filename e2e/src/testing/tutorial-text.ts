/** A block of commands in a tutorial, and what the reader is told to see. */
export interface TutorialStep {
  readonly terminal: 'reader' | 'dev';
  readonly commands: string;
  /** Lines in their order; `…` stands for anything. */
  readonly promised: readonly string[];
}

/**
 * The fenced `sh` blocks of a page, in order, each with the `text` block behind it. `sh dev-terminal` is typed into a window of its own,
 * where it goes on; what runs there is ended first.
 */
export function tutorialSteps(markdown: string): readonly TutorialStep[] {
  const steps: { terminal: 'reader' | 'dev'; commands: string; promised: string[] }[] = [];
  for (const [, info = '', body = ''] of markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    if (info === 'sh' || info === 'sh dev-terminal') {
      steps.push({ terminal: info === 'sh' ? 'reader' : 'dev', commands: body.trimEnd(), promised: [] });
    } else if (info === 'text') {
      steps.at(-1)?.promised.push(...body.split('\n').filter((line) => line.trim() !== ''));
    } else {
      throw new Error(
        `A tutorial has blocks of sh and of text; this one is "${info}", and nobody would run or check it.`,
      );
    }
  }
  return steps;
}

/** The promised lines that the output does not have, at or behind the place of the one before. */
export function unkept(promised: readonly string[], output: string): readonly string[] {
  const lines = output.split('\n').map((line) => line.trimEnd());
  let from = 0;
  return promised.filter((promise) => {
    const wanted = patternOf(promise);
    const at = lines.findIndex((line, index) => index >= from && wanted.test(line));
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

function patternOf(promise: string): RegExp {
  const parts = promise.trimEnd().split('…');
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}
