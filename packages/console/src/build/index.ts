export { buildConsole, consoleDist, type BuiltConsole } from './build-console.ts';
export { apiTypesText, type ApiDocument } from './write-api-types.ts';
