/**
 * The cookie of the console. `__Host-` ties it to this host, to HTTPS (browsers count localhost as
 * that) and to no narrower path; the proxy keeps it from the origin.
 */
export const CONSOLE_COOKIE = "__Host-gatehouse";

const COOKIE = new RegExp(`(?:^|;\\s*)${CONSOLE_COOKIE}=([^;]{1,200})`);

export function cookieOf(request: Request): string | undefined {
  return COOKIE.exec(request.headers.get("cookie") ?? "")?.[1];
}

/** `Set-Cookie` of a new sign-in; without a value it ends the one there is. */
export function setCookie(value: string | undefined, lifeS = 0): string {
  const age = value === undefined ? 0 : lifeS;
  return `${CONSOLE_COOKIE}=${value ?? ""}; Path=/; Max-Age=${age}; Secure; HttpOnly; ` +
    "SameSite=Strict";
}
