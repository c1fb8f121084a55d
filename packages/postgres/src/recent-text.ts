import type { RecentEntry } from '@banyan/core';

/**
 * The last events of a key as they are stored: `version:id` each, oldest first, a space between, '' for none. Ids are printable without
 * spaces, or their event would be invalid. As jsonb the sixteen of a key cost PostgreSQL more than all else of its state.
 */
export function recentText(recent: readonly RecentEntry[]): string {
  let text = '';
  for (const { version, eventId } of recent) text += text === '' ? `${version}:${eventId}` : ` ${version}:${eventId}`;
  return text;
}

export function recentOf(text: string): readonly RecentEntry[] {
  if (text === '') return [];
  return text.split(' ').map((entry) => {
    const colon = entry.indexOf(':');
    return { eventId: entry.slice(colon + 1), version: Number(entry.slice(0, colon)) };
  });
}
