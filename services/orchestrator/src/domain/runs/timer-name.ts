import type { TimerKey } from '@vigil/workflows';

/** Name of a timer within its run: the same for the same key. */
export function timerNameOf(timer: TimerKey): string {
  switch (timer.kind) {
    case 'run':
      return 'run';
    case 'wait':
    case 'approval':
      return `${timer.kind}/${timer.task}`;
    case 'retry':
    case 'timeout':
      return `${timer.kind}/${timer.task}/${timer.part}/${timer.epoch}`;
  }
}
