/**
 * Text as PostgreSQL can hold it: NUL fits neither text nor jsonb, half a surrogate pair (an emoji that was cut) not jsonb. Both
 * become U+FFFD. For what was written elsewhere and is only told on: names, messages, somebody else's words.
 */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}
