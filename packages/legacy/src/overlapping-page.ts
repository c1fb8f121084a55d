/**
 * Pages by number skip rows when a row of an earlier page goes: everything behind moves up by one. So each page is asked for
 * such that it holds again the row that was read last; that row found = nothing was skipped.
 *
 * Picks the page number and size whose page contains the 0-based position `offset - 1` and reaches furthest beyond it.
 * @param offset position of the first row not yet read; 0 asks for the first page
 * @param maxSize largest page to ask for, at least 2
 */
export function overlappingPage(offset: number, maxSize: number): { readonly page: number; readonly size: number } {
  if (offset === 0) return { page: 1, size: maxSize };
  let best = { page: 0, size: 0, end: offset };
  for (let size = maxSize; size >= 2; size -= 1) {
    const end = Math.ceil(offset / size) * size;
    if (end > best.end) best = { page: end / size, size, end };
  }
  if (best.page > 0) return { page: best.page, size: best.size };
  // `offset` is a multiple of every size up to `maxSize`: the first size that does not divide it will do.
  let size = maxSize + 1;
  while (offset % size === 0) size += 1;
  return { page: Math.ceil(offset / size), size };
}

/** Ids in legacy's order: numbers as numbers, everything else by code unit. */
export function compareIds(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
    const [x, y] = [BigInt(a), BigInt(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
