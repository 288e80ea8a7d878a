/** npm's Chromium is unpacked once, whole, whoever asks at once and whatever ended before. */
import { assertEquals, assertRejects } from "@std/assert";
import { npmChromium } from "./_chromium.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir({ prefix: "gatehouse-chromium-" });
  try {
    await run(`${parent}/chromium`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** Takes a while, and leaves a browser that is only whole at the end. */
function createUnpacker() {
  let count = 0;
  const unpack = async (folder: string) => {
    count++;
    await Deno.writeTextFile(`${folder}/chromium`, "half");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Deno.writeTextFile(`${folder}/chromium`, "whole");
  };
  return { unpack, count: () => count };
}

const read = ({ executablePath }: { executablePath: string }) => Deno.readTextFile(executablePath);

Deno.test("npmChromium() unpacks once for 8 who ask at once, and all get it whole", () =>
  inFolder(async (folder) => {
    const { unpack, count } = createUnpacker();
    const found = await Promise.all(
      Array.from({ length: 8 }, async () => await read(await npmChromium(folder, unpack))),
    );
    assertEquals([found, count()], [Array(8).fill("whole"), 1]);
    assertEquals(await read(await npmChromium(folder, unpack)), "whole");
    assertEquals(count(), 1);
  }));

Deno.test("npmChromium() begins anew after a run that was ended half-way", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}.half`);
    await Deno.writeTextFile(`${folder}.half/chromium`, "half");
    await Deno.writeTextFile(`${folder}.half/left`, "over");
    const { unpack } = createUnpacker();
    assertEquals(await read(await npmChromium(folder, unpack)), "whole");
    await assertRejects(() => Deno.stat(`${folder}/left`), Deno.errors.NotFound);
    await assertRejects(() => Deno.stat(`${folder}.half`), Deno.errors.NotFound);
  }));

Deno.test("npmChromium() that could not be unpacked is none, and the next who asks tries again", () =>
  inFolder(async (folder) => {
    const fail = async (half: string) => {
      await Deno.writeTextFile(`${half}/chromium`, "half");
      throw new Error("the disk is full");
    };
    await assertRejects(() => npmChromium(folder, fail), Error, "the disk is full");
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
    const { unpack } = createUnpacker();
    assertEquals(await read(await npmChromium(folder, unpack)), "whole");
  }));
