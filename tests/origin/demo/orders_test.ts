import { assertEquals, assertIsError, assertNotEquals, assertRejects } from "@std/assert";
import { AppError } from "../../../src/errors/app_error.ts";
import { keys } from "../../../src/kv/keys.ts";
import type { Kv } from "../../../src/kv/kv.ts";
import {
  createOrders,
  type NewOrder,
  type Orders,
  ORDERS_MAX,
} from "../../../src/origin/demo/orders.ts";
import { createTestClock, type TestClock } from "../../_clock.ts";
import { openTestKv } from "./_shop.ts";

const DAY_MS = 86_400_000;

const DRAFT: NewOrder = {
  country: "us",
  currency: "USD",
  items: [{ product_id: "mara-mug", name: "Mara", quantity: 1, price: 2_200 }],
  subtotal: 2_200,
  delivery: 800,
  tax: 0,
  total: 3_000,
  payment_method: "card",
  ship_to: { name: "A", email: "a@b.co", street: "s", city: "c", region: "", postcode: "1" },
};

const ONCE = { fingerprint: "same" };

async function withOrders(
  run: (orders: Orders, kv: Kv, clock: TestClock) => Promise<void>,
  wrap: (kv: Kv) => Kv = (kv) => kv,
) {
  const clock = createTestClock();
  const kv = await openTestKv(clock);
  try {
    await run(createOrders({ kv: wrap(kv), clock }), kv, clock);
  } finally {
    kv.close();
  }
}

async function code(act: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(act, AppError);
  assertIsError(error, AppError);
  return error.code;
}

Deno.test("orders.place() keeps an order under a number of its own", async () => {
  await withOrders(async (orders, _kv, clock) => {
    const { order, repeated } = await orders.place("visitor:a", DRAFT, ONCE);
    assertEquals(repeated, false);
    assertEquals(/^M-[2-9B-Z]{4}-[2-9B-Z]{4}$/.test(order.id), true, order.id);
    assertEquals(order, { ...DRAFT, id: order.id, createdAt: clock.now() });
    assertEquals(await orders.find("visitor:a", order.id), order);
  });
});

Deno.test("orders.find() shows nobody another's order", async () => {
  await withOrders(async (orders) => {
    const { order } = await orders.place("visitor:a", DRAFT, ONCE);
    for (const other of ["visitor:b", "user:a", "visitor:", ""]) {
      assertEquals(await orders.find(other, order.id), undefined);
      assertEquals((await orders.list(other, 10)).items, []);
    }
  });
});

Deno.test("orders.place() without a token makes an order each time", async () => {
  await withOrders(async (orders) => {
    const first = await orders.place("visitor:a", DRAFT, ONCE);
    const second = await orders.place("visitor:a", DRAFT, ONCE);
    assertNotEquals(first.order.id, second.order.id);
  });
});

Deno.test("orders.place() makes one order of a form sent many times at once", async () => {
  await withOrders(async (orders) => {
    const options = { token: "token-0001", fingerprint: "f" };
    const placed = await Promise.all(
      Array.from({ length: 5 }, () => orders.place("visitor:a", DRAFT, options)),
    );
    assertEquals(new Set(placed.map(({ order }) => order.id)).size, 1);
    assertEquals(placed.filter(({ repeated }) => !repeated).length, 1);
    assertEquals((await orders.list("visitor:a", 10)).items.length, 1);
  });
});

Deno.test("orders.place() keeps all of different orders placed at once", async () => {
  await withOrders(async (orders) => {
    await Promise.all(
      Array.from(
        { length: 5 },
        (_, index) =>
          orders.place("visitor:a", DRAFT, { token: `token-000${index}`, fingerprint: "f" }),
      ),
    );
    assertEquals((await orders.list("visitor:a", 10)).items.length, 5);
  });
});

Deno.test("orders.place() refuses a token that was used for something else", async () => {
  await withOrders(async (orders) => {
    const token = "token-0001";
    await orders.place("visitor:a", DRAFT, { token, fingerprint: "one" });
    const again = () => orders.place("visitor:a", DRAFT, { token, fingerprint: "two" });
    assertEquals(await code(again), "CONFLICT");
    const other = await orders.place("visitor:b", DRAFT, { token, fingerprint: "two" });
    assertEquals(other.repeated, false);
  });
});

Deno.test("orders.findByToken() finds the order a form made", async () => {
  await withOrders(async (orders) => {
    const token = "token-0001";
    assertEquals(await orders.findByToken("visitor:a", token), undefined);
    const { order } = await orders.place("visitor:a", DRAFT, { token, fingerprint: "f" });
    assertEquals(await orders.findByToken("visitor:a", token), order);
    assertEquals(await orders.findByToken("visitor:b", token), undefined);
  });
});

Deno.test("orders.place() keeps the last fifty and deletes the one before", async () => {
  await withOrders(async (orders, kv, clock) => {
    const ids: string[] = [];
    for (let count = 0; count < ORDERS_MAX + 3; count++) {
      clock.turn(1_000);
      ids.push((await orders.place("visitor:a", DRAFT, ONCE)).order.id);
    }
    const { value } = await kv.get(keys.shopOrders("visitor:a"));
    assertEquals(value?.map(({ id }) => id), ids.slice(3).reverse());
    for (const gone of ids.slice(0, 3)) {
      assertEquals((await kv.get(keys.shopOrder("visitor:a", gone))).value, null);
    }
    assertEquals((await orders.find("visitor:a", ids[3]))?.id, ids[3]);
  });
});

Deno.test("orders.list() pages from the newest to the oldest", async () => {
  await withOrders(async (orders) => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      ids.unshift((await orders.place("visitor:a", DRAFT, ONCE)).order.id);
    }
    const first = await orders.list("visitor:a", 2);
    const second = await orders.list("visitor:a", 2, first.next_cursor ?? "");
    const third = await orders.list("visitor:a", 2, second.next_cursor ?? "");
    const shown = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id));
    assertEquals(shown, ids);
    assertEquals(third.next_cursor, null);
  });
});

Deno.test("orders.list() refuses a cursor that is not one of the owner's", async () => {
  await withOrders(async (orders) => {
    const { order } = await orders.place("visitor:a", DRAFT, ONCE);
    assertEquals(await code(() => orders.list("visitor:b", 10, order.id)), "INVALID_CURSOR");
    assertEquals(await code(() => orders.list("visitor:a", 10, "rubbish")), "INVALID_CURSOR");
  });
});

Deno.test("orders are forgotten after 90 days even when KV is late", async () => {
  await withOrders(async (orders, _kv, clock) => {
    const { order } = await orders.place("visitor:a", DRAFT, ONCE);
    clock.turn(90 * DAY_MS - 1);
    assertEquals((await orders.find("visitor:a", order.id))?.id, order.id);
    clock.turn(1);
    assertEquals(await orders.find("visitor:a", order.id), undefined);
    assertEquals(await orders.list("visitor:a", 10), { items: [], next_cursor: null });
    await orders.place("visitor:a", DRAFT, ONCE);
    assertEquals((await orders.list("visitor:a", 10)).items.length, 1);
  });
});

Deno.test("orders.place() gives up with CONFLICT when others always win", async () => {
  const losing = (kv: Kv): Kv => ({ ...kv, commitSure: () => Promise.resolve({ ok: false }) });
  await withOrders(async (orders) => {
    assertEquals(await code(() => orders.place("visitor:a", DRAFT, ONCE)), "CONFLICT");
  }, losing);
});
