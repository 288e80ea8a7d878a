/**
 * Orders, kept in KV: the last 50 of each owner, for 90 days. The owner's index and the order are
 * written in one commit, so the bound is exact and a form sent twice makes one order.
 */
import { AppError } from "../../errors/app_error.ts";
import { keys, type ShopOrder, type ShopOrderIndex } from "../../kv/keys.ts";
import type { Atomic, Commit, Entry, Kv } from "../../kv/kv.ts";
import type { TaskDraft } from "../../tasks/draft.ts";
import { type Clock, DAY } from "../../time.ts";

export const ORDERS_MAX = 50;
const KEPT_MS = 90 * DAY;
/** Only the owner's own tabs compete for the index. */
const ATTEMPTS = 8;

/** An order as it comes from the checkout, not yet numbered. */
export type NewOrder = Omit<ShopOrder, "id" | "createdAt">;

export interface PlaceOptions {
  /** What the client calls this attempt; the same one never makes a second order. */
  readonly token?: string;
  /** Hash of what is ordered; tells a repetition from a token used for something else. */
  readonly fingerprint: string;
}

export interface Placed {
  readonly order: ShopOrder;
  /** Whether the order was there already. */
  readonly repeated: boolean;
}

export interface OrdersPage {
  readonly items: readonly ShopOrder[];
  readonly next_cursor: string | null;
}

export interface Orders {
  /** @throws AppError CONFLICT when the token was used for another order. */
  place(owner: string, order: NewOrder, options: PlaceOptions): Promise<Placed>;
  /** The order that was made with the token, if any. */
  findByToken(owner: string, token: string): Promise<ShopOrder | undefined>;
  find(owner: string, id: string): Promise<ShopOrder | undefined>;
  /** Newest first. @throws AppError INVALID_CURSOR */
  list(owner: string, limit: number, cursor?: string): Promise<OrdersPage>;
}

/** How an order comes to be confirmed by mail: a task in the order's own commit. */
export interface OrderMailing {
  draft(owner: string, orderId: string): TaskDraft;
  addTo(atomic: Atomic, draft: TaskDraft): void;
  /** After the commit. */
  ring(): void;
}

export interface OrdersOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  /** Without it no mail is sent. */
  readonly mailing?: OrderMailing;
}

export function createOrders({ kv, clock, mailing }: OrdersOptions): Orders {
  const indexOf = (owner: string) => kv.get(keys.shopOrders(owner));
  const isCurrent = ({ createdAt }: Pick<ShopOrder, "createdAt">) =>
    // KV may keep what has expired for a minute longer.
    clock.now() - createdAt < KEPT_MS;

  async function find(owner: string, id: string): Promise<ShopOrder | undefined> {
    const { value } = await kv.get(keys.shopOrder(owner, id));
    return value && isCurrent(value) ? value : undefined;
  }

  async function findByToken(owner: string, token: string): Promise<ShopOrder | undefined> {
    const { value } = await indexOf(owner);
    const ref = value?.find((row) => row.token === token);
    return ref && find(owner, ref.id);
  }

  return {
    find,
    findByToken,
    async place(owner, draft, options) {
      const order: ShopOrder = { ...draft, id: drawNumber(), createdAt: clock.now() };
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const index = await indexOf(owner);
        const known = options.token && index.value?.find((row) => row.token === options.token);
        if (known) {
          const earlier = await find(owner, known.id);
          if (earlier && known.fingerprint === options.fingerprint) {
            return { order: earlier, repeated: true };
          }
          throw new AppError("CONFLICT", { detail: "This order form was used before." });
        }
        const rows = index.value?.filter(isCurrent) ?? [];
        const mail = mailing?.draft(owner, order.id);
        const addMail = (atomic: Atomic) => {
          if (mail) mailing?.addTo(atomic, mail);
        };
        const { ok } = await write(kv, owner, { ...index, value: rows }, order, options, addMail);
        if (!ok) continue;
        mailing?.ring();
        return { order, repeated: false };
      }
      throw new AppError("CONFLICT");
    },
    async list(owner, limit, cursor) {
      const rows = (await indexOf(owner)).value?.filter(isCurrent) ?? [];
      const start = cursor === undefined ? 0 : rows.findIndex(({ id }) => id === cursor) + 1;
      if (cursor !== undefined && start === 0) throw new AppError("INVALID_CURSOR");
      const page = rows.slice(start, start + limit);
      const entries = await kv.getMany(page.map(({ id }) => keys.shopOrder(owner, id)));
      return {
        items: entries.flatMap(({ value }) => value ?? []),
        next_cursor: start + limit < rows.length ? page[page.length - 1].id : null,
      };
    },
  };
}

/**
 * Writes the order and the owner's index together, and deletes what is one too many. Refused when
 * someone else wrote the index first.
 */
function write(
  kv: Kv,
  owner: string,
  index: Entry<ShopOrderIndex>,
  order: ShopOrder,
  { token, fingerprint }: PlaceOptions,
  addMail: (atomic: Atomic) => void,
): Promise<Commit> {
  const row = { id: order.id, token, fingerprint, createdAt: order.createdAt };
  const rows = [row, ...index.value ?? []];
  const options = { expireIn: KEPT_MS };
  return kv.commitSure(
    (atomic) => {
      atomic.check(keys.shopOrders(owner), index.versionstamp)
        .set(keys.shopOrders(owner), rows.slice(0, ORDERS_MAX), options)
        .set(keys.shopOrder(owner, order.id), order, options);
      addMail(atomic);
      for (const old of rows.slice(ORDERS_MAX)) atomic.delete(keys.shopOrder(owner, old.id));
    },
    async () => {
      const { value } = await kv.get(keys.shopOrders(owner));
      return value?.some(({ id }) => id === order.id) ?? false;
    },
  );
}

/** No vowels, so that no number is a word, and nothing that looks like something else. */
const LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ";

/** Such as `M-7K3F-92QD`; 38 bits are enough among one owner's fifty. */
function drawNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const text = Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
  return `M-${text.slice(0, 4)}-${text.slice(4)}`;
}
