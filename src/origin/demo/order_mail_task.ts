/** The task that confirms an order by mail. It reads the order when it runs: a payload is no copy. */
import { z } from "zod";
import type { ShopOrder } from "../../kv/keys.ts";
import { MINUTE } from "../../time.ts";
import { type OrderMail, renderOrderMail } from "./order_mail.tsx";

export interface OrderMailOptions {
  readonly findOrder: (owner: string, id: string) => Promise<ShopOrder | undefined>;
  /** The same `id` is the same mail, however often it is handed over. */
  readonly send: (
    mail: OrderMail & { readonly to: string; readonly id: string },
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** How long the mail server may be out of order before a mail is given up, in milliseconds. */
  readonly retryForMs: number;
}

/** Mail servers mind many connections from one place, and one that is silent takes a place long. */
const AT_ONCE_MAX = 5;
/** The longest silence of a server that is borne, and what comes before it. */
const TIMEOUT_MS = 3 * MINUTE;

const schema = z.object({ owner: z.string().min(1).max(200), order_id: z.string().min(1).max(50) });

/** For `defineTask`. */
export function orderMailTask({ findOrder, send, retryForMs }: OrderMailOptions) {
  return {
    name: "shop.order_mail",
    schema,
    retry: { forMs: retryForMs },
    concurrency: AT_ONCE_MAX,
    timeoutMs: TIMEOUT_MS,
    async run(
      { owner, order_id }: z.output<typeof schema>,
      { id, signal }: { readonly id: string; readonly signal: AbortSignal },
    ): Promise<void> {
      const order = await findOrder(owner, order_id);
      // An order that expired while its mail was dead is nobody's concern any more.
      const mail = order && renderOrderMail(order);
      if (mail) await send({ ...mail, to: order.ship_to.email, id }, signal);
    },
  };
}
