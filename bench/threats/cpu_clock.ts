/**
 * What this thread has computed so far, in milliseconds: on a machine that others use too, the wall
 * clock tells how long they took. Where the system has no such clock, the wall's is all there is.
 */

const THREAD_CPUTIME = 3;

export function createCpuClock(): () => number {
  if (Deno.build.os !== "linux") return () => performance.now();
  const { symbols } = Deno.dlopen("libc.so.6", {
    clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  });
  const time = new BigInt64Array(2);
  const bytes = new Uint8Array(time.buffer);
  return () => {
    symbols.clock_gettime(THREAD_CPUTIME, bytes);
    return Number(time[0]) * 1_000 + Number(time[1]) / 1_000_000;
  };
}
