import { assertEquals } from "@std/assert";
import { publicLocation } from "../../src/origin/redirects.ts";

const place = { scheme: "https", host: "shop.example" } as const;

function assertLocations(origin: string, expected: Readonly<Record<string, string>>): void {
  for (const [location, seen] of Object.entries(expected)) {
    assertEquals(publicLocation(location, new URL(origin), place), seen, location);
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
