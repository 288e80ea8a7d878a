import { assert, assertEquals, assertMatch } from "@std/assert";
import { createGeoIp } from "../../src/ip/geoip.ts";
import { silentLog } from "../../src/log.ts";

Deno.test("geoip.countryOf() knows public addresses of both kinds once it is loaded", async () => {
  const geoip = createGeoIp({ log: silentLog });
  assertEquals(geoip.countryOf("8.8.8.8"), undefined);
  await geoip.load();
  await geoip.load();
  assertMatch(geoip.countryOf("8.8.8.8") ?? "", /^[A-Z]{2}$/);
  assertMatch(geoip.countryOf("2001:4860:4860::8888") ?? "", /^[A-Z]{2}$/);
});

Deno.test("geoip.countryOf() knows no country of private addresses and of garbage", async () => {
  const geoip = createGeoIp({ log: silentLog });
  await geoip.load();
  for (
    const ip of ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "192.168.1.1", "", "shop"]
  ) {
    assertEquals(geoip.countryOf(ip), undefined, ip);
  }
});

Deno.test("geoip goes without a country when the database cannot be opened, or is another one", async () => {
  const broken = createGeoIp({ log: silentLog, open: () => Promise.reject(new Error("gone")) });
  await broken.load();
  assertEquals(broken.countryOf("8.8.8.8"), undefined);
  const city = { city: {} };
  const other = createGeoIp({ log: silentLog, open: () => Promise.resolve({ get: () => city }) });
  await other.load();
  assert(other.countryOf("8.8.8.8") === undefined);
});
