/** The registry to register with, from the environment; undefined = not said. */
export function registryUrlFromEnvironment(): string | undefined {
  const url = process.env.SCHEMA_REGISTRY_URL;
  return url === undefined || url === '' ? undefined : url;
}
