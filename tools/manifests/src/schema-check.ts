import { isData, nameOf, type Resource } from './resource.js';

/** A compiled JSON schema of `kubernetes-models`: one module per kind, made from Kubernetes' own OpenAPI document. */
interface Validate {
  (data: unknown): boolean;
  errors?: readonly { readonly instancePath: string; readonly message?: string; readonly params: object }[] | null;
}

/** What is wrong with an object by the schema of its kind; a field that the schema does not have is wrong, too. */
export async function schemaProblems(resource: Resource): Promise<readonly string[]> {
  const validate = await schemaOf(resource);
  if (validate === undefined) return [`there is no ${resource.kind} in ${resource.apiVersion}`];
  const seen = new Map<object, Set<string>>();
  if (!validate(recording(resource, seen))) {
    const faults = (validate.errors ?? []).filter(({ params }) => !('passingSchemas' in params));
    return faults.map(({ instancePath, message, params }) => `${instancePath} ${message ?? JSON.stringify(params)}`);
  }
  return unread(resource, '', seen);
}

export async function checkSchemas(resources: readonly Resource[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    resources.map(async (one) => (await schemaProblems(one)).map((problem) => `${nameOf(one)}: ${problem}`)),
  );
  return lists.flat();
}

async function schemaOf({ apiVersion, kind }: Resource): Promise<Validate | undefined> {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const name = [group.split('.')[0], version, kind].map((part = '') => part.charAt(0).toUpperCase() + part.slice(1));
  try {
    const schema = (await import(`kubernetes-models/_schemas/IoK8sApi${name.join('')}`)) as { validate: Validate };
    return schema.validate;
  } catch (error) {
    if (String((error as { code?: unknown }).code).endsWith('MODULE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/**
 * The API server refuses a field that its schema does not have; JSON schemas made from OpenAPI let it pass. But a compiled schema
 * asks every object for every field that it knows: what was never asked for, it does not know.
 */
function recording(value: unknown, seen: Map<object, Set<string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const asked = seen.get(value) ?? new Set<string>();
  seen.set(value, asked);
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'string') asked.add(key);
      return recording(Reflect.get(target, key), seen);
    },
  });
}

function unread(value: unknown, path: string, seen: ReadonlyMap<object, ReadonlySet<string>>): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unread(item, `${path}/${index}`, seen));
  if (!isData(value)) return [];
  const asked = seen.get(value);
  return Object.entries(value).flatMap(([key, inner]) =>
    asked?.has(key) ? unread(inner, `${path}/${key}`, seen) : [`${path} has no field ${key}`],
  );
}
