/**
 * The methods by which rules judge a request: in capitals, `HEAD` as the `GET` that origins make of
 * it, and for a `POST` also the one that a field tells frameworks to take it for. WordPress's own
 * editor deletes like that, so the field is judged, not dropped.
 */

/** Fields that frameworks read another method from, on a `POST`. */
export const METHOD_FIELDS: readonly string[] = [
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
];

/** Several fields of a name come as a list; nobody means more. */
const METHODS_MAX = 8;
const ALONE = new Map(["GET", "POST", "PUT", "PATCH", "DELETE"].map((name) => [name, [name]]));

export function methodOf(method: string): string {
  const plain = method.toUpperCase();
  return plain === "HEAD" ? "GET" : plain;
}

/** At least one; more for a `POST` that may be taken for something else. */
export function methodsOf(method: string, headers: Headers): readonly string[] {
  const own = methodOf(method);
  if (own !== "POST") return ALONE.get(own) ?? [own];
  let methods: readonly string[] = ALONE.get(own)!;
  for (const name of METHOD_FIELDS) {
    const value = headers.get(name);
    if (value === null) continue;
    const told = value.split(/[\s,;"']+/, METHODS_MAX).filter(Boolean).map(methodOf);
    methods = [...methods, ...told];
  }
  return methods;
}
