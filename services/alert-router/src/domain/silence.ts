/** An approved silence over a ward, in force now. */
export interface Silence {
  readonly hospital: string;
  readonly ward: string;
  readonly endsAt: number;
}

/** When the last silence over a place ends; null where none is in force. */
export function silencedUntil(silences: readonly Silence[], { hospital, ward }: { hospital: string; ward: string }): number | null {
  const ends = silences.filter((silence) => silence.hospital === hospital && silence.ward === ward).map(({ endsAt }) => endsAt);
  return ends.length === 0 ? null : Math.max(...ends);
}
