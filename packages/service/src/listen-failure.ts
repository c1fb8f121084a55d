import { BanyanError } from '@banyan/core';

/** Why a server does not listen, in words of ours: `SERVICE_PORT_TAKEN`. Any other error stays what it is. */
export function listenFailure(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): unknown {
  if ((error as NodeJS.ErrnoException | null)?.code !== 'EADDRINUSE') return error;
  return new BanyanError(
    'SERVICE_PORT_TAKEN',
    `Something else listens at ${host}:${port}: end it, or give this process another port.`,
    { cause: error },
  );
}
