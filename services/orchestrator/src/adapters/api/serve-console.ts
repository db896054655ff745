import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';
import { ApiProblem } from '../../api/problem.ts';

/** Where `npm run build -w @vigil/console` puts the page. */
const ownDirectory = join(import.meta.dirname, '../../../../../packages/console/dist');

/** The page runs its own scripts and asks this orchestrator, nothing else; nothing of it stands inline. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Names of assets carry the hash of their content; the page that names them is asked for each time. */
const setCaching = (response: Response, path: string): void => {
  const isHashed = /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+$/.test(path);
  response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
};

/**
 * Serves the console below /console/, without a key: the page asks for it and sends it to the API. What there is not is left
 * to the next handler.
 *
 * @param directory  undefined = where the repository's build puts it
 */
export function serveConsole(directory = ownDirectory): RequestHandler {
  const files = express.static(directory, { setHeaders: setCaching, dotfiles: 'ignore', index: 'index.html' });
  return express.Router().use('/console', (request, response, next) => {
    response.locals['operation'] = 'console';
    response.set(headers);
    // Looked for each time: a build is there without a restart.
    if (!existsSync(join(directory, 'index.html'))) throw new ApiProblem('CONSOLE_NOT_BUILT');
    return files(request, response, next);
  });
}
