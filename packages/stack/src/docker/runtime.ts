import type { ContainerRuntimeClient } from 'testcontainers';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

/** Docker by testcontainers' client, which finds the daemon in all the places it may be. Loaded only when Docker answers. */
async function dockerRuntime(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return await getContainerRuntimeClient();
}

/**
 * Ends and removes containers, with the volumes that have no name.
 * @param keepData true gives each 10 s for an orderly end
 * @returns those that were there
 */
async function removeContainers(ids: readonly string[], keepData = true): Promise<string[]> {
  if (ids.length === 0) return [];
  const { container } = await dockerRuntime();
  const removed = await Promise.all(ids.map((id) => removeContainer(container.getById(id), keepData)));
  return ids.filter((_, index) => removed[index]);
}

async function removeContainer(container: Container, keepData: boolean): Promise<boolean> {
  try {
    if (keepData) await unlessEnded(container.stop({ t: 10 }));
    await container.remove({ force: true, v: true });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Docker's answers 304 and 409 to a stop or kill say that the container does not run. */
async function unlessEnded(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (![304, 409].includes(statusOf(error) ?? 0)) throw error;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}

export { type Container, dockerRuntime, removeContainers, unlessEnded };
