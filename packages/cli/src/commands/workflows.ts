import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { workflowsCommand } from './workflows-command.ts';

interface FolderOption {
  readonly folder?: string;
}

/** `vigil workflows validate|diff`: definitions as they lie in a folder. */
export const registerWorkflows: RegisterCommand = (program, io) => {
  const workflows = workflowsCommand(program);

  defineCommand(workflows, {
    name: 'validate',
    summary:
      'read definitions, templates, schedules, sources and pools; 1 with every problem as file:line:column, without deploying anything',
    examples: ['vigil workflows validate', 'vigil workflows validate --folder workflows --json'],
  })
    .option('--folder <path>', 'folder that holds definitions/, without it workflows/ here')
    .action(async ({ folder = 'workflows' }: FolderOption) => {
      const { validateDefinitions, validationText } = await import('../workflows/validate-definitions.ts');
      const validated = validateDefinitions(folder);
      io.result(validated, validationText);
      if (!validated.valid) io.exitWith(1);
    });

  defineCommand(workflows, {
    name: 'diff <before> <after>',
    summary: 'what changed between two files of a definition, by task, and which tasks of a moved run keep their results',
    examples: ['vigil workflows diff old.yaml workflows/definitions/claims_processing_workflow.yaml'],
  })
    .option('--folder <path>', 'folder that holds templates/, without it workflows/ here')
    .action(async (before: string, after: string, { folder = 'workflows' }: FolderOption) => {
      const { diffFiles, diffText } = await import('../workflows/diff-definitions.ts');
      io.result(diffFiles(before, after, folder), diffText);
    });
};
