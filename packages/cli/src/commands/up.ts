import { join } from 'node:path';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { envText } from './stack.ts';

/** `vigil up`: everything on this machine, in the background. */
export const registerUp: RegisterCommand = (program, io) => {
  defineCommand(program, {
    name: 'up',
    summary: 'start the stack, its topics, schemas and tables, and every service, in the background, and deploy workflows/',
    examples: ['vigil up', 'vigil up --json'],
  }).action(async () => {
    const { repositoryRoot, startFleet, startStack } = await import('@vigil/stack');
    const { prepareStack } = await import('../fleet/prepare-stack.ts');
    const { prepareResearch } = await import('../fleet/prepare-research.ts');
    const { deployWorkflows } = await import('../workflows/deploy-workflows.ts');
    const { openOrchestratorApi } = await import('../workflows/orchestrator-api.ts');
    const workflows = join(repositoryRoot, 'workflows');
    const { prepareConsole } = await import('../fleet/prepare-console.ts');
    const [{ env }] = await Promise.all([startStack({ progress: io.progress }), prepareConsole(io.progress)]);
    await prepareStack(env, io.progress);
    // A research database of the caller's is none of ours to change.
    if (!process.env['VIGIL_RESEARCH_DATABASE_URL'] && !process.env['VIGIL_DATABASE_URL']) await prepareResearch(env.researchDatabaseUrl);
    await startFleet({ progress: io.progress });
    const deployed = await deployWorkflows(
      openOrchestratorApi({ url: env.orchestratorUrl, apiKey: env.gatewayApiKey }),
      [workflows],
      'vigil up',
    );
    const changed = deployed.workflows.filter(({ outcome }) => outcome !== 'unchanged').map(({ workflow }) => workflow);
    if (changed.length > 0) io.progress(`workflows deployed: ${changed.join(', ')}`);
    io.result(env, envText);
  });
};
