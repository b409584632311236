import { PAGE } from './page-html.js';
import type { Route } from './routes.js';

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

/** GET /: a page for people, which speaks the same protocol as all other clients. */
export const PAGE_ROUTE: Route = {
  pattern: /^\/$/,
  verb: 'GET',
  handle: () => ({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
    body: PAGE,
  }),
};
