import { describe } from '@jest/globals';
import { followPage } from './testing/follow-page.js';

const PAGE = 'docs/tutorial/kill-it.md';

describe(PAGE, () => {
  followPage(PAGE);
});
