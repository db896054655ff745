import type { Play } from './play.ts';
import { sinkPlay } from './sink/sink-play.ts';
import { vitalsPlay } from './vitals/vitals-play.ts';
import { wardPlay } from './ward/ward-play.ts';

/** Half of the seeds play the small stage, which tells most; the others the fleet's own windowing, and a sink. */
const plays = [vitalsPlay, wardPlay, sinkPlay, wardPlay] as const;

export const playOf = (seed: number): Play => plays[seed % plays.length] as Play;
