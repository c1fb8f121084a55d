import { describe, expect, it } from '@jest/globals';
import { compareIds, overlappingPage } from './overlapping-page.js';

describe('the overlapping page', () => {
  it('always holds the row before the offset and at least one behind it', () => {
    for (let maxSize = 2; maxSize <= 60; maxSize += 1) {
      for (let offset = 1; offset <= 500; offset += 1) {
        const { page, size } = overlappingPage(offset, maxSize);
        expect((page - 1) * size).toBeLessThan(offset);
        expect(page * size).toBeGreaterThan(offset);
      }
    }
  });

  it('reads at least half a page of new rows at usual sizes', () => {
    for (let offset = 50; offset <= 5000; offset += 7) {
      const { page, size } = overlappingPage(offset, 50);
      expect(page * size - offset).toBeGreaterThanOrEqual(25);
      expect(size).toBeLessThanOrEqual(50);
    }
  });

  it('begins with a full first page', () => {
    expect(overlappingPage(0, 50)).toEqual({ page: 1, size: 50 });
  });

  it('orders numbers as numbers and texts as texts', () => {
    expect(['10', '9', '100'].sort(compareIds)).toEqual(['9', '10', '100']);
    expect(['BLAUS', 'ALFKI'].sort(compareIds)).toEqual(['ALFKI', 'BLAUS']);
    expect(compareIds('7', '7')).toBe(0);
  });
});
