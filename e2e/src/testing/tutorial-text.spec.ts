import { describe, expect, it } from '@jest/globals';
import { tutorialSteps, unkept } from './tutorial-text.js';

const page = `
# Page

\`\`\`sh dev-terminal
npm run dev
\`\`\`

\`\`\`text
up
\`\`\`

Words.

\`\`\`sh
one
two
\`\`\`

\`\`\`text
first …

last
\`\`\`
`;

describe('a tutorial', () => {
  it('is its commands in order, with what each promises', () => {
    expect(tutorialSteps(page)).toEqual([
      { terminal: 'dev', commands: 'npm run dev', promised: ['up'] },
      { terminal: 'reader', commands: 'one\ntwo', promised: ['first …', 'last'] },
    ]);
  });

  it('has no block that is neither run nor checked', () => {
    expect(() => tutorialSteps('```bash\nls\n```\n')).toThrow('this one is "bash"');
  });
});

describe('a promise', () => {
  it.each([
    [['a', 'b'], 'a\nx\nb\n', []],
    [['b', 'a'], 'a\nb\n', ['a']],
    [['a', 'a'], 'a\n', ['a']],
    [['id …, version 1'], 'id 01a2, version 1', []],
    [['id …, version 2'], 'id 01a2, version 1', ['id …, version 2']],
    [['a.c'], 'abc', ['a.c']],
    [['whole'], 'the whole line', ['whole']],
    [['padded'], 'padded   ', []],
  ])('%j of %j leaves unkept %j', (promised, output, left) => {
    expect(unkept(promised, output)).toEqual(left);
  });
});
