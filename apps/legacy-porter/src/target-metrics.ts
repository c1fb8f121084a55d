import { createGauge } from '@banyan/service';
import type { TargetReport } from './internal/operations.js';
import { SLOW_REASONS } from './sending/slowness.js';

type Targets = () => readonly TargetReport[];

/** How hard this process drives each target, and why no harder. @param targets asked at each scrape */
export function measureTargets(targets: Targets): void {
  createGauge({
    name: 'banyan_porter_target_limit',
    help: 'Sends to the target that may be under way in this process now; 0 = it is left alone.',
    labels: ['target'],
    collect: each(targets, ({ limit }) => limit),
  });
  createGauge({
    name: 'banyan_porter_target_limit_max',
    help: 'The same where nothing slows it down.',
    labels: ['target'],
    collect: each(targets, ({ max }) => max),
  });
  createGauge({
    name: 'banyan_porter_target_answer_seconds',
    help: 'Time within which the target gave 95 of 100 of its last answers.',
    labels: ['target'],
    collect: each(targets, ({ answerMs }) => seconds(answerMs)),
  });
  createGauge({
    name: 'banyan_porter_target_objective_seconds',
    help: 'What that should be at most.',
    labels: ['target'],
    collect: each(targets, ({ objectiveMs }) => seconds(objectiveMs)),
  });
  createGauge({
    name: 'banyan_porter_target_slow',
    help: '1 = the target is driven slower for this reason, 0 = it is not.',
    labels: ['target', 'reason'],
    collect: (gauge) => {
      gauge.reset();
      for (const { target, slowReason } of targets())
        for (const reason of SLOW_REASONS) gauge.set({ target, reason }, slowReason === reason ? 1 : 0);
    },
  });
}

interface ByTarget {
  reset(): void;
  set(labels: { readonly target: string }, value: number): void;
}

/** @param read undefined = not known, and not shown */
function each(targets: Targets, read: (target: TargetReport) => number | undefined): (gauge: ByTarget) => void {
  return (gauge) => {
    gauge.reset();
    for (const target of targets()) {
      const value = read(target);
      if (value !== undefined) gauge.set({ target: target.target }, value);
    }
  };
}

function seconds(ms: number | null): number | undefined {
  return ms === null ? undefined : ms / 1_000;
}
