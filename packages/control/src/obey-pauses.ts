import type { RunningConsumer } from '@banyan/kafka';
import type { Control } from './control.js';
import { consumerControl, type Pause } from './control-state.js';

export interface ObeyPausesOptions {
  readonly control: Pick<Control, 'state' | 'onChange' | 'caughtUp' | 'follow'>;
  /** Those that run now, by their name in the control log (`v2-projector.order`); each was begun paused. */
  readonly consumers: () => ReadonlyMap<string, Pick<RunningConsumer, 'pause' | 'resume'>>;
  /** Hears of each change, once: a consumer's pause, or undefined when it goes on. Not of consumers that nobody ever paused. */
  readonly onChange: (consumer: string, pause: Pause | undefined) => void;
}

/**
 * Pauses and resumes consumers as the control log says. What was said while the process was down is only known when that log was read once:
 * until then all of them stand, or a start would be the way around a pause.
 * @returns `look`: to be called when there is another consumer. `stop`: changes nothing any more
 */
export function obeyPauses(options: ObeyPausesOptions): { look(): void; stop(): void } {
  const { control, consumers, onChange } = options;
  const told = new Map<string, Pause | undefined>();
  let stopped = false;
  const look = (): void => {
    if (stopped || !control.caughtUp()) return;
    for (const [name, consumer] of consumers()) {
      const { paused } = consumerControl(control.state(), name);
      if (paused === undefined) consumer.resume();
      else consumer.pause();
      if (told.get(name) !== paused) onChange(name, paused);
      told.set(name, paused);
    }
  };
  const unsubscribe = control.onChange(look);
  void control.follow().then(look);
  return {
    look,
    stop: () => {
      stopped = true;
      unsubscribe();
    },
  };
}
