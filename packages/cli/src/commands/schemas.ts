import { defineCommand, type RegisterCommand } from '../define-command.ts';
import type { CheckedSubject } from '../registry/check-schemas.ts';

const checkText = (subjects: readonly CheckedSubject[]): string =>
  subjects
    .map(({ subject, state, messages }) => [`${subject.padEnd(60)}${state}`, ...messages.map((line) => `  ${line}`)].join('\n'))
    .join('\n');

/** `vigil schemas check|register`: the schemas of `schemas/` and the registry. */
export const registerSchemaCommands: RegisterCommand = (program, io) => {
  const schemas = program.command('schemas').description('the schemas of the fleet and the registry');

  defineCommand(schemas, {
    name: 'check',
    summary: 'hold every schema against the registry, without changing anything; 1 when one is incompatible',
    examples: ['vigil schemas check --json'],
  }).action(async () => {
    const { addressOf } = await import('../connect/addresses.ts');
    const { createRegistryApi } = await import('../registry/registry-api.ts');
    const { checkSchemas } = await import('../registry/check-schemas.ts');
    const { fleetSubjects } = await import('../registry/fleet-subjects.ts');
    const subjects = await checkSchemas(createRegistryApi(addressOf('schemaRegistryUrl')), fleetSubjects());
    const compatible = subjects.every(({ state }) => state !== 'incompatible');
    io.result({ compatible, subjects }, (result) => checkText(result.subjects));
    if (!compatible) io.exitWith(1);
  });

  defineCommand(schemas, {
    name: 'register',
    summary: 'register every schema; one that is there already keeps its id',
    examples: ['vigil schemas register', 'vigil schemas register --date-shift'],
  })
    .option('--date-shift', 'instead those of the deidentifier’s date-shift mode, which is no part of the fleet', false)
    .action(async ({ dateShift }: { dateShift: boolean }) => {
      const { addressOf } = await import('../connect/addresses.ts');
      const { createRegistryApi } = await import('../registry/registry-api.ts');
      const { registerSchemas } = await import('../registry/register-schemas.ts');
      const { dateShiftSubjects, fleetSubjects } = await import('../registry/fleet-subjects.ts');
      const wanted = dateShift ? dateShiftSubjects() : fleetSubjects();
      const subjects = await registerSchemas(createRegistryApi(addressOf('schemaRegistryUrl')), wanted);
      io.result({ subjects }, (result) => `${result.subjects.length} schemas registered`);
    });
};
