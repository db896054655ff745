/** What the clocks of `zone` are ahead of UTC at an instant, in milliseconds. */
export const offsetMsAt = (zone: string, instantMs: number): number =>
  Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
