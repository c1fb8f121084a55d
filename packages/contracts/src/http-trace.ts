/** How a caller tells what its request is part of, in HTTP: what it is the answer to carried them, or it leaves them out. */
export const HTTP_TRACE = {
  correlationId: 'banyan-correlation-id',
  /** Events between the request and a person or a clock. */
  hops: 'banyan-hops',
} as const;
