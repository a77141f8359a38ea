import swagger from '@fastify/swagger';
import fp from 'fastify-plugin';
import { Type } from 'typebox';

export interface OpenapiOptions {
  readonly version: string;
}

const NO_QUERY = Type.Object({}, { additionalProperties: false });

/**
 * `GET /api/v1/openapi.json`: the API as its schemas say it, in OpenAPI 3.1; docs/reference/api.md is made from it. Before
 * all other routes.
 */
export default fp<OpenapiOptions>(
  async (app, { version }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Update Agent relay',
          description:
            'Administration of a relay. What changes something needs the admin token. Errors are `{"error","detail","requestId"}`, with a code of docs/reference/errors.md.',
          version,
        },
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      },
    });
    // A field nobody knows is a mistake of whoever sent it, in a query as in a body.
    app.addHook('onRoute', (route) => {
      route.schema = { querystring: NO_QUERY, ...route.schema };
    });
    app.get(
      '/api/v1/openapi.json',
      { schema: { summary: 'This description.', response: { 200: { type: 'object', additionalProperties: true } } } },
      async () => app.swagger(),
    );
  },
  { name: 'openapi', fastify: '5.x' },
);
