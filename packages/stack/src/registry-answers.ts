/** True when the Confluent-compatible API lists its subjects. */
async function registryAnswers(url: string, timeoutMs = 3_000): Promise<boolean> {
  const answer = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(timeoutMs) });
  await answer.body?.cancel();
  return answer.ok;
}

export { registryAnswers };
