import type { AnswerOf, RequestOf } from './route.ts';
import { placeRoutes } from './routes/place-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { workflowRoutes } from './routes/workflow-routes.ts';

/** Every operation of the API, by its id. */
export const routes = { ...workflowRoutes, ...runRoutes, ...placeRoutes };

export type Routes = typeof routes;
export type OperationId = keyof Routes;

/** What carries out the operations. Failures are VigilErrors; `statusOf` says which status each has. */
export type Handlers = { readonly [Id in OperationId]: (request: RequestOf<Routes[Id]>) => Promise<AnswerOf<Routes[Id]>> };
