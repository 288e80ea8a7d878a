import { assertEquals } from "@std/assert";
import { deviceLabel } from "../../src/auth/device_label.ts";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

Deno.test("deviceLabel() names the program and the system", () => {
  const labels = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0": "Firefox on Linux",
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`]: "Chrome on Windows",
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Edg/140.0`]: "Edge on Windows",
    [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME}`]: "Chrome on Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/26 Safari/604":
      "Safari on iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/26 Safari/605":
      "Safari on macOS",
    "curl/8.14.1": "curl",
    "Deno/2.9.6": "Deno",
    "python-requests/2.32": "Python",
    "<script>alert(1)</script>": "Unknown program",
    "": "Unknown program",
  };
  for (const [userAgent, label] of Object.entries(labels)) {
    assertEquals(deviceLabel(userAgent), label);
  }
  assertEquals(deviceLabel(undefined), "Unknown program");
  assertEquals(deviceLabel(" ".repeat(512) + "Firefox/1"), "Unknown program");
});
