/** What flows: long bodies in flat memory, events as they happen, and ends that reach both sides. */
import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/time.ts";
import { ask, Line } from "./_client.ts";
import { memoryMib, type Server, type StartGateway, startOrigin, until } from "./_process.ts";

const LONG_BYTES = 300 * 1_048_576;
/** About 25 on Deno 2.9.6 and 70 on 2.5.0, however long the bodies are. */
const MORE_MIB_MAX = 96;

/** How much more memory a process took at its peak while something was done. */
async function extraMemoryMib({ pid }: Server, run: () => Promise<void>): Promise<number> {
  const before = await memoryMib(pid);
  let peak = before;
  const watch = setInterval(async () => peak = Math.max(peak, await memoryMib(pid)), 20);
  try {
    await run();
  } finally {
    clearInterval(watch);
  }
  return peak - before;
}

async function upload(url: string, bytes: number): Promise<number> {
  using line = await Line.open(url);
  await line.write(`POST /receive HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n`);
  const piece = new Uint8Array(262_144);
  for (let left = bytes; left > 0; left -= piece.length) {
    await line.write(piece.subarray(0, Math.min(left, piece.length)));
  }
  return JSON.parse((await line.reply()).text).bytes;
}

async function download(url: string, target: string): Promise<number> {
  using line = await Line.open(url);
  await line.send(target);
  return await line.drain(await line.head());
}

const happened = async ({ url }: Server, name: string): Promise<string[]> =>
  JSON.parse((await ask(url, `/happened?name=${name}`)).text);

/** @param name Says which gateway is tested. */
export function streamsSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} passes 300 MB each way in flat memory`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    // What a process takes once, it takes for a short body too.
    await download(gate.url, "/stream?n=10000000");
    const extra = await extraMemoryMib(gate, async () => {
      assertEquals(await download(gate.url, `/stream?n=${LONG_BYTES}&length`), LONG_BYTES);
      assertEquals(await download(gate.url, `/stream?n=${LONG_BYTES}`), LONG_BYTES);
      assertEquals(await upload(gate.url, LONG_BYTES), LONG_BYTES);
    });
    assertLess(extra, MORE_MIB_MAX);
  });

  Deno.test(`${name} holds back an origin whose client does not read`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    using line = await Line.open(gate.url);
    const extra = await extraMemoryMib(gate, async () => {
      await line.send(`/stream?n=${LONG_BYTES}&length`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    assertLess(extra, MORE_MIB_MAX / 2);
    assertEquals(await line.drain(await line.head()), LONG_BYTES);
  });

  Deno.test(`${name} passes events as they happen, until the reader leaves`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    {
      // There is no second event that could push the first one through.
      using line = await Line.open(gate.url);
      await line.send("/events?every=600000");
      assertStringIncludes(await line.until("\n\n\r\n"), "id: 1");
    }
    {
      using line = await Line.open(gate.url);
      await line.send("/events?name=reader&every=100");
      assertStringIncludes(await line.until("\n\n\r\n"), "id: 1");
      assertStringIncludes(await line.until("\n\n\r\n"), "id: 2");
      assertEquals(await happened(origin, "reader"), []);
    }
    await until(async () => (await happened(origin, "reader")).includes("left"), "events left");
  });

  Deno.test(`${name} lets the origin know of a client that leaves`, async (t) => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    await t.step("before the answer began", async () => {
      {
        using line = await Line.open(gate.url);
        await line.send("/slow?ms=5000&name=waiter");
        await until(async () => (await happened(origin, "waiter")).includes("came"), "it came");
      }
      await until(async () => (await happened(origin, "waiter")).includes("left"), "waiter left");
    });
    await t.step("in the middle of an upload", async () => {
      {
        using line = await Line.open(gate.url);
        await line.write(
          "POST /receive?name=up HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
        );
        await until(async () => (await happened(origin, "up")).includes("began"), "upload began");
      }
      await until(async () => (await happened(origin, "up")).includes("broken"), "upload broken");
    });
    await t.step("in the middle of a chunked upload", async () => {
      {
        using line = await Line.open(gate.url);
        await line.write("POST /receive?name=ch HTTP/1.1\r\nHost: h\r\n");
        await line.write("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        await until(async () => (await happened(origin, "ch")).includes("began"), "upload began");
      }
      await until(async () => (await happened(origin, "ch")).includes("broken"), "upload broken");
    });
    await t.step("and goes on serving the others", async () => {
      assertEquals((await ask(gate.url, "/head")).status, 200);
    });
  });

  Deno.test(`${name} passes both directions of one request at once`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    using line = await Line.open(gate.url);
    await line.write("POST /duplex HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const said = (text: string) => line.writeChunk(new TextEncoder().encode(text));
    await said("one");
    assertEquals((await line.head()).status, 200);
    assertStringIncludes(await line.until("\r\none\r\n"), "one");
    await said("two");
    assertStringIncludes(await line.until("\r\ntwo\r\n"), "two");
    await line.write("0\r\n\r\n");
    assertStringIncludes(await line.until("0\r\n\r\n"), "0");
  });

  Deno.test(`${name} stops within 5 s with streams open, and answers what it began`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    using events = await Line.open(gate.url);
    await events.send("/events?name=stop");
    await events.until("\n\n\r\n");
    using slow = await Line.open(gate.url);
    await slow.send("/slow?ms=700");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startedAt = systemClock.monotonic();
    const stopped = gate.stop();
    assertEquals((await slow.reply()).text, "at last");
    // The stream ends as if the origin had ended it, so that its reader comes back elsewhere.
    assertStringIncludes(await events.until("0\r\n\r\n"), "0\r\n\r\n");
    assertEquals(await stopped, 0);
    assertLess(systemClock.monotonic() - startedAt, 5_000);
    assert((await happened(origin, "stop")).includes("left"));
  });
}
