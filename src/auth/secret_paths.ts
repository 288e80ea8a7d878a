/**
 * What of a path may be written down. Ours may hold a secret: a set-up link does, and people put a
 * key or a token where an id belongs. Whatever keeps a path (security events, logs) asks here first.
 */

/** The set-up link in every spelling that some router or reader may take for it. */
const SETUP = /(admin(?:%(?:25)*(?:2f|5c)|[\\/;.])+setup)(?:%|[\\/;]).+/is;

/** API keys, refresh tokens, cookies of the console, and access tokens by their look. */
const SECRET = /gh_live_\w+|gh[rc]_\w{20}_[\w-]+|eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

export function hideSecrets(path: string): string {
  return path.replace(SETUP, "$1/{token}").replace(SECRET, "{secret}");
}
