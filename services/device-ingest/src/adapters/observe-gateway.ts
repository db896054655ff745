import type { EmittersOf, Log } from '@vigil/runtime';
import type { events } from '../events.ts';
import type { GatewayObserver } from '../http/gateway-observer.ts';
import type { LagWatchOptions } from './watch-lag.ts';

type Emitters = EmittersOf<(typeof events)['declared']>;

/** Carries what the gateway tells to metrics and log. */
export const observeGateway = (emit: Emitters, log: Log): GatewayObserver => ({
  answered: ({ status, ...request }) =>
    emit.gatewayAnswered({ ...request, status: String(status) as Parameters<Emitters['gatewayAnswered']>[0]['status'] }),
  failed: (_route, error) => log.failure('the gateway failed on a request', error),
});

interface Rated {
  readonly lagMs: number;
  readonly rate: number;
}

/** What is told of one admission. */
interface Admitting {
  readonly sampled: (sample: Rated) => void;
  readonly holdingBack: (sample: Rated) => void;
  readonly admittingAll: (sample: Pick<Rated, 'lagMs'>) => void;
}

/** Carries samples to metrics, and the two ends of holding back to the log. */
function observeAdmission({ sampled, holdingBack, admittingAll }: Admitting, maxRate: number): LagWatchOptions['onSample'] {
  let held = false;
  return ({ lagSeconds, ratePerSecond }) => {
    const lagMs = Math.round(lagSeconds * 1000);
    sampled({ lagMs, rate: ratePerSecond ?? maxRate });
    if (ratePerSecond !== null && !held) holdingBack({ lagMs, rate: ratePerSecond });
    if (ratePerSecond === null && held) admittingAll({ lagMs });
    held = ratePerSecond !== null;
  };
}

/** Of readings; and whether the lag observer is heard. */
export function observeLag(emit: Emitters, maxRate: number): LagWatchOptions['onSample'] {
  const { lagSampled: sampled, holdingBack, admittingAll } = emit;
  const observe = observeAdmission({ sampled, holdingBack, admittingAll }, maxRate);
  let heard = true;
  return (sample) => {
    const { source } = sample;
    if (source === 'gateway' && heard) emit.observerSilent({});
    if (source === 'observer' && !heard) emit.observerHeard({});
    heard = source === 'observer';
    observe(sample);
  };
}

/** Of claims. */
export const observeClaimLag = (emit: Emitters, maxRate: number): LagWatchOptions['onSample'] =>
  observeAdmission({ sampled: emit.claimLagSampled, holdingBack: emit.holdingClaimsBack, admittingAll: emit.admittingAllClaims }, maxRate);
