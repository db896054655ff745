// Loaded before the program (`node --import`): the program is the one that runs in production, and its ways to Kafka and
// PostgreSQL are watched, so that it can be killed at any place of them.
import { registerHooks } from 'node:module';
import { watchDatabase } from './watch-database.ts';

const watchedKafka = new URL('./watched-kafka.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier === '@vigil/kafka' && context.parentURL !== watchedKafka;
    return isOurs ? { url: watchedKafka, shortCircuit: true } : next(specifier, context);
  },
});
watchDatabase();
