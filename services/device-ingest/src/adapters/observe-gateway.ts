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

/** Carries samples of the lag to metrics, and the two ends of holding back to the log. */
export function observeLag(emit: Emitters, maxRate: number): LagWatchOptions['onSample'] {
  let held = false;
  let heard = true;
  return ({ lagSeconds, ratePerSecond, source }) => {
    const lagMs = Math.round(lagSeconds * 1000);
    emit.lagSampled({ lagMs, rate: ratePerSecond ?? maxRate });
    if (source === 'gateway' && heard) emit.observerSilent({});
    if (source === 'observer' && !heard) emit.observerHeard({});
    heard = source === 'observer';
    if (ratePerSecond !== null && !held) emit.holdingBack({ lagMs, rate: ratePerSecond });
    if (ratePerSecond === null && held) emit.admittingAll({ lagMs });
    held = ratePerSecond !== null;
  };
}
