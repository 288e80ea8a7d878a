/**
 * Which names say that what they name is a secret, in the languages that sites are written in: of
 * a field, and in a text, where the value stands behind its name. Too many rather than too few: a
 * name that is taken for a secret's costs an administrator an excerpt, and nothing else.
 */

/** Wherever they stand in a name. */
const ANYWHERE =
  "passw|passphrase|passcode|passwd|kennwort|geheim|contrase|contras[eñn]|mot_?de_?passe|senha|" +
  "wachtwoord|has[łl]o|heslo|lozinka|salasana|adgangskode|l[öo]senord|[şs]ifre|parool|jelsz[oó]|" +
  "пароль|密码|密碼|口令|パスワード|暗証|비밀번호|암호|كلمة|سيسמה|סיסמ|รหัสผ่าน|mật_?khẩu|mat_?khau|" +
  "secret|token|credential|authori[sz]ation|api_?key|access_?key|private_?key|session|sessid|" +
  "bearer|csrf|xsrf|jwt|card_?(?:no|num|pin|code)|credit_?card|security_?code|mnemonic|seed_?phrase";
/** By themselves, or as a word of a name: `wp_pass`, `cardPin`. */
const WORDS =
  "pass|pwd|pw|psw|pswd|passe|mdp|clave|parola|pin|puk|tan|otp|totp|mfa|tfa|cvv2?|cvc2?|" +
  "csc|cvn|card|karte|pan|iban|ssn|sid|sess|auth|key|code|sig|signature|nonce";

const SECRET_NAME = new RegExp(`${ANYWHERE}|(?<![a-z])(?:${WORDS})(?![a-z])`, "u");
/** A name in a text, with what stands between it and its value. */
const NAMED = new RegExp(
  `(?:(?:${ANYWHERE})[\\w.-]{0,20}|${WORDS})["'\\]\\\\]{0,4}\\s{0,5}(?:=>|[:=>])\\s{0,5}`,
  "giu",
);
/** So much of a text is looked at before a match, for the name of what the match stands in. */
const LOOK_BACK = 4_096;

export function isSecretName(name: string): boolean {
  const words = decoded(name).replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[-. +]/g, "_");
  return SECRET_NAME.test(words.toLowerCase());
}

/** Where in `text` values of secrets begin and end, as far as they reach beyond `start`. */
export function secretsIn(text: string, start: number, end: number): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  NAMED.lastIndex = Math.max(0, start - LOOK_BACK);
  for (let found = NAMED.exec(text); found && found.index < end; found = NAMED.exec(text)) {
    const from = NAMED.lastIndex;
    const to = endOfValue(text, from, found[0].includes(">") && !found[0].includes("="));
    if (to > start) ranges.push([from, to]);
    NAMED.lastIndex = Math.max(from, to);
  }
  return ranges;
}

/** A quoted value ends with a quote that something follows; others with the line or the pair. */
function endOfValue(text: string, from: number, isElement: boolean): number {
  if (isElement) return indexOr(text, "<", from);
  const quote = /^\\{0,4}["'`]/.exec(text.slice(from, from + 5))?.[0];
  if (quote) {
    for (let at = text.indexOf(quote, from + quote.length); at !== -1;) {
      const next = at + quote.length;
      if (text[at - 1] !== "\\" && /^(?:$|\s{0,5}[,;}\])&\n])/.test(text.slice(next, next + 6))) {
        return at;
      }
      at = text.indexOf(quote, next);
    }
    return text.length;
  }
  const rest = /[&\r\n]/g;
  rest.lastIndex = from;
  return rest.exec(text)?.index ?? text.length;
}

function indexOr(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}

function decoded(name: string): string {
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
