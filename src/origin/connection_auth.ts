/**
 * Whether an authentication is one of the connection instead of the request: after an exchange of
 * NTLM or Negotiate (RFC 4559) many servers take whoever speaks next on it for the same user. Such
 * a connection must never carry another visitor's request.
 */

/** Schemes of Windows' security packages, all of which go on for as long as the connection. */
const SCHEMES = "ntlm|negotiate|nego2|kerberos|pku2u|livessp|credssp";
const FIRST = new RegExp(`^\\s*(?:${SCHEMES})\\b`, "i");
const ANYWHERE = new RegExp(`\\b(?:${SCHEMES})\\b`, "i");

/**
 * @param field Value of `Authorization`, `WWW-Authenticate` or `Proxy-Authenticate`; fields of one
 *   name may stand in one value behind commas, and a name too many costs a connection only.
 */
export function bindsConnection(field: string | null): boolean {
  if (field === null) return false;
  // A long token without commas is not searched: it comes with every request.
  return field.includes(",") ? ANYWHERE.test(field) : FIRST.test(field);
}
