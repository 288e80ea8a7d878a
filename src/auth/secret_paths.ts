/**
 * What of a path may be written down. Ours may hold a secret: a set-up link does, and people put a
 * key or a token where an id belongs. Whatever keeps a path (security events, logs) asks here first.
 */

/** The set-up link in every spelling that some router or reader may take for it. */
const SETUP = /(admin(?:%(?:25)*(?:2f|5c)|[\\/;.])+setup)(?:%|[\\/;]).+/is;

/** API keys, refresh tokens and cookies of the console. */
const SECRET = /gh_live_\w+|gh[rc]_\w{20}_[\w-]+/g;
/** Access tokens by their look; tried once where a word begins, as a long word has many middles. */
const TOKEN = /(?<![\w-])[\w-]{8,}\.[\w-]{5,}\.[\w-]*/g;
const TOKEN_START = "eyJ";

export function hideSecrets(path: string): string {
  return path.replace(SETUP, "$1/{token}").replace(SECRET, "{secret}").replace(TOKEN, hideToken);
}

/** What stands before it may be an encoded sign, such as `%3D`. */
function hideToken(text: string): string {
  const at = text.indexOf(TOKEN_START);
  return at === -1 || at > text.indexOf(".") ? text : `${text.slice(0, at)}{secret}`;
}
