/** undici's codes of connections that never came about: certainly nothing was sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

/** Whether a request that failed with this code may have arrived. */
export function mayHaveArrived(code: string): boolean {
  return !NEVER_SENT.includes(code);
}
