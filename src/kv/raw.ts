/** What the wrapper uses of Deno's own KV; a test may put another thing of this shape under it. */
export type RawKv =
  & Pick<Deno.Kv, "get" | "getMany" | "list" | "atomic" | "close">
  & Partial<Pick<Deno.Kv, "enqueue" | "listenQueue">>;
