/** Whether a text is a day of the calendar, `yyyy-mm-dd`, years 0001 to 9999. A plain date has no zone and no time. */
export function isPlainDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null || parts[1] === '0000') return false;
  // Date.UTC reads years 0 to 99 as 1900 to 1999; parsing the text does not. An impossible day moves on to the next month.
  const parsed = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}

/** The day, in UTC, of an instant in ISO 8601. */
export function dayOf(instant: string): string {
  return new Date(instant).toISOString().slice(0, 10);
}
