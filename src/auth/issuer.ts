/** The name our own access tokens are issued under, and the one they are meant for. */

const PREFIX = "gatehouse:";

export const AUDIENCE = "gatehouse";

/** Each deployment has a name of its own, so that tokens of another one prove nothing here. */
export function issuerOf(deploymentId: string): string {
  return `${PREFIX}${deploymentId}`;
}

/** Whether a token says that it is ours, or another Gatehouse's; either way not a site's. */
export function isOurIssuer(issuer: unknown): boolean {
  return typeof issuer === "string" && issuer.startsWith(PREFIX);
}
