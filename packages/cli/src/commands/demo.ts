import { systemClock } from '@vigil/core';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { DemoFlags } from '../demo/demo-options.ts';

interface StatusDocument {
  readonly parts: readonly { readonly kind: string; readonly state: string }[];
}

/** `vigil demo`: starts the fleet, plays a ward, shows what became of it, stops what it started. */
export const registerDemo: RegisterCommand = (program, io, run) => {
  defineCommand(program, {
    name: 'demo',
    summary: 'a ward, from the monitor to the page and the warehouse row',
    examples: ['vigil demo', 'vigil demo --seconds 60 --rate 200 --report demo.json --keep'],
  })
    .option('--seconds <n>', 'how long the live ward runs', '25')
    .option('--rate <n>', 'messages a second; one monitor sends one a second', '50')
    .option('--seed <n>', 'seed of the simulated ward', '1')
    .option('--report <file>', 'write the figures as JSON')
    .option('--keep', 'leave the fleet running')
    .option('--source <physionet2019:dir>', 'show the values of recorded stays instead of simulated ones')
    .action(async (flags: DemoFlags) => {
      const { parseDemoOptions } = await import('../demo/demo-options.ts');
      const options = parseDemoOptions(flags);
      const { createCallVigil } = await import('../demo/call-vigil.ts');
      const { runDemo } = await import('../demo/run-demo.ts');
      const { demoText } = await import('../demo/demo-text.ts');
      const { createKafkaClient } = await import('@vigil/kafka');
      const { stackEnv } = await import('@vigil/stack');
      const call = createCallVigil(run, () => {});
      const { parts } = await call<StatusDocument>(['status']);
      const ranBefore = parts.some(({ kind, state }) => kind === 'service' && state === 'running');

      io.progress('starting Kafka, registry, PostgreSQL, Redis and the services');
      try {
        await createCallVigil(run, (text) => io.write(text))(['up']);
        const outcome = await runDemo(options, stackEnv(), {
          call,
          connect: (env) => createKafkaClient({ brokers: env.kafkaBrokers.split(','), clientId: 'vigil-demo' }),
          clock: systemClock,
          say: (line) => io.progress(line),
          live: (line) => io.write(io.live ? `\r\u001b[2K${line}` : `${line}\n`),
        });
        io.result(outcome.report, () => demoText(outcome));
        if (outcome.failures.length > 0) io.exitWith(1);
      } finally {
        if (!options.keep && !ranBefore) {
          io.progress('stopping everything');
          await call(['down']);
        }
      }
    });
};
