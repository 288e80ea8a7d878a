import { assertEquals } from "@std/assert";
import { isSpecialAddress } from "../../src/ip/special_ranges.ts";
import { toldHost } from "../../src/origin/told_host.ts";

const told = (origin: string, setting?: string) =>
  toldHost({ setting, origin: new URL(origin), isLocalAddress: isSpecialAddress });

Deno.test("toldHost is the public one for an origin that strangers cannot reach", () => {
  const origins = [
    "http://localhost:3000",
    "http://LOCALHOST.",
    "http://shop.localhost",
    "http://nas.local",
    "http://api.internal:8080",
    "http://shop.home.arpa",
    "http://printer.lan",
    "http://app.default.svc.cluster.local",
    "http://wordpress",
    "http://my_app:8000/below",
    "http://127.0.0.1:8000",
    "http://127.1",
    "http://10.1.2.3",
    "http://172.31.0.1",
    "http://192.168.0.1",
    "http://100.64.0.1",
    "http://169.254.1.1",
    "http://[::1]:3000",
    "http://[fd12::1]",
    "http://[fe80::1]",
    "http://[::ffff:10.0.0.1]",
  ];
  for (const origin of origins) assertEquals(told(origin), undefined, origin);
});

Deno.test("toldHost is its own for an origin on the public internet", () => {
  const origins = {
    "https://app.example": "app.example",
    "https://App.Example:8443/below": "app.example:8443",
    "https://local.example": "local.example",
    "https://x.internal.example": "x.internal.example",
    "http://8.8.8.8:3000": "8.8.8.8:3000",
    "http://172.32.0.1": "172.32.0.1",
    "http://[2606:4700::1]": "[2606:4700::1]",
    "http://[::ffff:8.8.8.8]": "[::ffff:808:808]",
  };
  for (const [origin, host] of Object.entries(origins)) {
    assertEquals(told(origin), host, origin);
  }
});

Deno.test("toldHost does as ORIGIN_HOST says", () => {
  assertEquals(told("https://app.example", "preserve"), undefined);
  assertEquals(told("http://127.0.0.1:3000", "origin"), "127.0.0.1:3000");
  assertEquals(told("http://127.0.0.1:3000", "App.Example:8443"), "app.example:8443");
});
