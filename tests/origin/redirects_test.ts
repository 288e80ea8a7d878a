import { assertEquals } from "@std/assert";
import { publicLocation, type PublicPlace } from "../../src/origin/redirects.ts";

const SHOP: PublicPlace = { scheme: "https", host: "shop.example" };

/** @param told The host the origin was asked for; its own without one. */
function assertLocations(
  origin: string,
  expected: Readonly<Record<string, string>>,
  { told = new URL(origin).host, place = SHOP }: { told?: string; place?: PublicPlace } = {},
): void {
  for (const [location, seen] of Object.entries(expected)) {
    const from = { origin: new URL(origin), told };
    assertEquals(publicLocation(location, from, place), seen, location);
  }
}

Deno.test("publicLocation turns the origin's own address into the public one", () => {
  assertLocations("http://10.0.0.1:3000", {
    "http://10.0.0.1:3000": "https://shop.example",
    "http://10.0.0.1:3000/a?b=c#d": "https://shop.example/a?b=c#d",
    "HTTP://10.0.0.1:3000/A%2Fb": "https://shop.example/A%2Fb",
    "https://10.0.0.1:3000/a": "https://shop.example/a",
    "http://10.0.0.1/a": "https://shop.example/a",
    "//10.0.0.1:3000/a": "//shop.example/a",
  });
});

Deno.test("publicLocation leaves everything else as it is", () => {
  const untouched = [
    "/a",
    "a?b",
    "",
    "?q",
    "https://elsewhere.example/10.0.0.1:3000",
    "http://10.0.0.1:3001/a",
    "http://10.0.0.1:3000.evil.example/",
    "http://user@10.0.0.1.evil.example/",
    "mailto:a@b.example",
    "http://[broken/",
    "myapp://10.0.0.1:3000/a",
  ];
  assertLocations("http://10.0.0.1:3000", Object.fromEntries(untouched.map((url) => [url, url])));
});

Deno.test("publicLocation takes off the path that stands for the root", () => {
  assertLocations("https://cms.example/site/", {
    "https://cms.example/site": "https://shop.example/",
    "https://cms.example/site/": "https://shop.example/",
    "https://cms.example/site/a": "https://shop.example/a",
    "https://cms.example/site?q": "https://shop.example/?q",
    "https://cms.example/sites/a": "https://shop.example/sites/a",
    "/site/a": "/a",
    "/site": "/",
    "/other": "/other",
    "/siteother": "/siteother",
  });
});

Deno.test("publicLocation mends what an app makes of the public host", () => {
  const told = SHOP.host;
  assertLocations("http://10.0.0.1:3000", {
    "http://shop.example/a": "https://shop.example/a",
    "HTTP://Shop.Example/a?b": "https://shop.example/a?b",
    "http://shop.example:80/a": "https://shop.example/a",
    "http://shop.example:3000/a": "https://shop.example/a",
    "https://shop.example:3000/a": "https://shop.example/a",
    "//shop.example:3000/a": "//shop.example/a",
    "https://shop.example/a": "https://shop.example/a",
    "http://10.0.0.1:3000/a": "https://shop.example/a",
    "http://shop.example:8080/a": "http://shop.example:8080/a",
    "http://www.shop.example/a": "http://www.shop.example/a",
    "http://shop.example.evil.example/a": "http://shop.example.evil.example/a",
    "http://shop.example@evil.example/a": "http://shop.example@evil.example/a",
  }, { told });
  assertLocations("http://wordpress/blog", {
    "http://shop.example/blog/a": "https://shop.example/a",
    "https://shop.example/blog": "https://shop.example/",
    "http://wordpress/blog/a": "https://shop.example/a",
  }, { told });
});

Deno.test("publicLocation keeps ports, and a way from HTTP to HTTPS", () => {
  const place: PublicPlace = { scheme: "http", host: "shop.example:8000" };
  assertLocations("http://127.0.0.1:3000", {
    "http://shop.example:8000/a": "http://shop.example:8000/a",
    "http://shop.example:3000/a": "http://shop.example:8000/a",
    "http://shop.example/a": "http://shop.example/a",
    "https://shop.example/a": "https://shop.example/a",
    "https://shop.example:8000/a": "https://shop.example:8000/a",
  }, { told: place.host, place });
  const ipv6: PublicPlace = { scheme: "https", host: "[::1]:8443" };
  assertLocations("http://[fd00::1]:3000", {
    "http://[::1]:8443/a": "https://[::1]:8443/a",
    "http://[::1]:3000/a": "https://[::1]:8443/a",
    "http://[fd00::1]/a": "https://[::1]:8443/a",
    "http://[::2]:8443/a": "http://[::2]:8443/a",
  }, { told: ipv6.host, place: ipv6 });
});

Deno.test("publicLocation knows the name that was chosen for the origin", () => {
  assertLocations("http://10.0.0.1:3000", {
    "http://app.example/a": "https://shop.example/a",
    "https://app.example/a": "https://shop.example/a",
    "http://app.example:3000/a": "https://shop.example/a",
    "http://10.0.0.1:3000/a": "https://shop.example/a",
    "http://app.example:81/a": "http://app.example:81/a",
    "http://shop.example:3000/a": "http://shop.example:3000/a",
  }, { told: "app.example" });
});
