/** The database whose tables are read; undefined = not said. */
export function legacyDatabaseUrl(): string | undefined {
  const url = process.env.LEGACY_DATABASE_URL;
  return url === undefined || url === '' ? undefined : url;
}
