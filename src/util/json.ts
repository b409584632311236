export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Neither a list nor null. */
export function isObject(value: Json | undefined): value is { readonly [key: string]: Json };
export function isObject(value: unknown): value is Readonly<Record<string, unknown>>;
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON with keys in code-unit order (never `localeCompare`: the machine's locale must not change a digest)
 * and no white space. Equal values give equal text on every machine.
 * Throws on what JSON cannot hold (NaN, Infinity, undefined in an array): that is a bug of the caller.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const object = value as Readonly<Record<string, Json | undefined>>;
    const members = Object.keys(object)
      .filter(key => object[key] !== undefined)
      .sort()
      .map(key => `${JSON.stringify(key)}:${canonicalJson(object[key] as Json)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`not representable in JSON: ${value}`);
  const text = JSON.stringify(value);
  if (text === undefined) throw new Error(`not representable in JSON: ${typeof value}`);
  return text;
}

/** For files that people read: two spaces, keys as given, a final newline. */
export const prettyJson = (value: Json | object): string => `${JSON.stringify(value, null, 2)}\n`;
