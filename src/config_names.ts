/** How the text of a setting names hosts and header fields. */
import { z } from "zod";
import { list } from "./config_shapes.ts";

const HOST =
  /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?$/i;

/** `preserve`, `origin`, or a host with or without a port. */
export const originHost = z.string().regex(
  HOST,
  "must be preserve, origin, or a host like shop.example or shop.example:8443",
);

const FIELDS_MAX = 100;

export const fieldNames = list.pipe(
  z.array(z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, "must be names of header fields"))
    .max(FIELDS_MAX, `must be at most ${FIELDS_MAX} names`),
);

const HOSTS_MAX = 1_000;

/** Hosts with or without a port; `*.` in front stands for all names below. */
export const publicHosts = list.pipe(
  z.array(
    z.string().refine(
      (text) => HOST.test(text.replace(/^\*\./, "")),
      "must be hosts like shop.example,*.shop.example,shop.example:8443",
    ),
  ).max(HOSTS_MAX, `must be at most ${HOSTS_MAX} hosts`),
);
