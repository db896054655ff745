export * from './cli-io.ts';
export * from './define-command.ts';
export * from './run-cli.ts';
