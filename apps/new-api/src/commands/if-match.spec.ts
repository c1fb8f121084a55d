import { describe, expect, it } from '@jest/globals';
import { parseIfMatch, requireMatch } from './if-match.js';

describe('If-Match', () => {
  it('matches one of several tags, `*`, and everything when it is not sent', () => {
    for (const header of ['"3"', ' "2" , "3"', '*', undefined]) requireMatch(parseIfMatch(header), 3);
  });
  it('does not match another version or a weak tag', () => {
    for (const header of ['"4"', 'W/"3"', '"33"']) {
      expect(() => requireMatch(parseIfMatch(header), 3)).toThrow(
        expect.objectContaining({ status: 412, data: { version: 3 } }),
      );
    }
  });
  it('is refused when it is no list of tags', () => {
    for (const header of ['3', '', '"3", 4', '"3']) {
      expect(() => parseIfMatch(header)).toThrow(
        expect.objectContaining({ status: 400, code: 'API_IF_MATCH_INVALID' }),
      );
    }
  });
});
