export type ConsumerState = 'starting' | 'running' | 'rebalancing' | 'stopping' | 'stopped' | 'crashed';

/** `rebalancing`: not reading now, because the group is forming anew or the brokers are away. */
const LEGAL: Readonly<Record<ConsumerState, readonly ConsumerState[]>> = {
  starting: ['running', 'stopping', 'crashed'],
  running: ['rebalancing', 'stopping', 'crashed'],
  rebalancing: ['running', 'stopping', 'crashed'],
  stopping: ['stopped'],
  stopped: [],
  crashed: [],
};

/** The next state; an event that does not belong to the present state (a late one, mostly) changes nothing. */
export function moveTo(from: ConsumerState, to: ConsumerState): ConsumerState {
  return LEGAL[from].includes(to) ? to : from;
}
