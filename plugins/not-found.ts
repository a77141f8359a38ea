import fp from 'fastify-plugin';
import { RelayError } from '../src/errors/relay-error.ts';

/** What no route answers: 405 with Allow where the path is right and the method is not, else 404. Before all routes. */
export default fp(
  async (app) => {
    const methodsByUrl = new Map<string, { readonly pattern: URLPattern; readonly methods: Set<string> }>();

    app.addHook('onRoute', ({ url, method }) => {
      const known = methodsByUrl.get(url) ?? { pattern: new URLPattern({ pathname: url }), methods: new Set() };
      for (const name of [method].flat()) known.methods.add(name);
      methodsByUrl.set(url, known);
    });

    app.setNotFoundHandler(({ url, method }) => {
      const [pathname = ''] = url.split('?');
      const there = [...methodsByUrl.values()].filter(({ pattern }) => pattern.test({ pathname }));
      const allowed = there.flatMap(({ methods }) => Array.from(methods)).join(', ');
      if (allowed !== '') throw new RelayError('RLY_METHOD_NOT_ALLOWED', { method, allowed });
      throw new RelayError('RLY_ADMIN_NOT_FOUND', { path: url });
    });
  },
  { name: 'not-found', fastify: '5.x', dependencies: ['error-handler'] },
);
