import { randomInt } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A prefix like `qxkdvpzu_` that keeps one test's topics, groups and databases apart from all others'; fit for each of them. */
function randomPrefix(): string {
  return `${Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}_`;
}

export { randomPrefix };
