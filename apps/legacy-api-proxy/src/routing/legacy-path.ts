/** A path as a server splits it: what comes before `?` or `#`, each segment decoded. undefined = nobody can decode it. */
export function segmentsOf(target: string): readonly string[] | undefined {
  const path = target.split(/[?#]/, 1)[0] ?? '';
  if (!path.startsWith('/')) return undefined;
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/**
 * The same path as the most forgiving server might read it: case, doubled and trailing slashes, dot segments, matrix parameters
 * and backslashes undone. Only for "could this be a write of that entity?", never for what is sent.
 */
export function forgivingSegmentsOf(target: string): readonly string[] {
  const path = (target.split(/[?#]/, 1)[0] ?? '').replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const kept: string[] = [];
  for (const raw of path.replaceAll('\\', '/').split('/')) {
    const segment = (raw.split(';', 1)[0] ?? '').trim().toLowerCase();
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  return kept;
}

/** The query string as legacy's frameworks read it: a name given twice is a list. */
export function queryOf(target: string): Readonly<Record<string, string | readonly string[]>> {
  const text = /\?([^#]*)/.exec(target)?.[1] ?? '';
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) found.set(name, [...(found.get(name) ?? []), value]);
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}
