import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { Type, type TSchema } from 'typebox';

interface RouteSchema {
  readonly schema: TSchema;
  /** `body`, `querystring`, `params`, `headers`. */
  readonly httpPart?: string;
}

/**
 * Checks what was sent as it was sent. Fastify's own validator drops fields it does not know and takes "true" for true;
 * TypeBox's takes 1.5 for 1 where a path or a query has it. What is text by its nature is a number here when it is all digits.
 */
export function strictValidator({
  schema,
  httpPart = 'body',
}: RouteSchema): ReturnType<typeof TypeBoxValidatorCompiler> {
  // As a body it is checked without being converted.
  const check = TypeBoxValidatorCompiler({ schema, httpPart: 'body', method: '', url: '' });
  if (httpPart === 'body' || !Type.IsObject(schema)) return check;
  const numbers = Object.keys(schema.properties).filter((name) => Type.IsInteger(schema.properties[name]));
  return (words: Readonly<Record<string, unknown>>) => {
    const converted = numbers.filter((name) => isDigits(words[name])).map((name) => [name, Number(words[name])]);
    return check({ ...words, ...Object.fromEntries(converted) });
  };
}

/** At most 15: a number JavaScript counts exactly. */
function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,15}$/.test(value);
}
