export type GatewayRoute = 'readings' | 'patients' | 'claims' | 'latest' | 'other';

/** What the gateway tells of each request; nothing of its content. */
export interface GatewayObserver {
  answered(request: { readonly route: GatewayRoute; readonly status: number; readonly items: number; readonly durationMs: number }): void;
  /** Something that is no problem of the request's: answered with 500 or 503. */
  failed(route: GatewayRoute, error: unknown): void;
}
