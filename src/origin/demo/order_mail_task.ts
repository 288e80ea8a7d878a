/** The task that confirms an order by mail. It reads the order when it runs: a payload is no copy. */
import { z } from "zod";
import type { ShopOrder } from "../../kv/keys.ts";
import { type OrderMail, renderOrderMail } from "./order_mail.tsx";

export interface OrderMailOptions {
  readonly findOrder: (owner: string, id: string) => Promise<ShopOrder | undefined>;
  /** The same `id` is the same mail, however often it is handed over. */
  readonly send: (
    mail: OrderMail & { readonly to: string; readonly id: string },
    signal: AbortSignal,
  ) => Promise<unknown>;
}

const schema = z.object({ owner: z.string().min(1).max(200), order_id: z.string().min(1).max(50) });

/** For `defineTask`. */
export function orderMailTask({ findOrder, send }: OrderMailOptions) {
  return {
    name: "shop.order_mail",
    schema,
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
