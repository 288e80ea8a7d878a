/**
 * Signing in and staying so: a password, and a code where the account has a second factor, against a
 * pair of tokens or a console cookie; a refresh token against the next pair.
 */
import { AppError } from "../errors/app_error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { SessionRecord } from "../kv/auth_records.ts";
import { SECOND } from "../time.ts";
import { ACCESS_TOKEN_LIFE_MS, type AccessTokens } from "./access_tokens.ts";
import { type AccountView, accountView } from "./accounts.ts";
import type { RefreshOutcome } from "./refresh.ts";
import {
  createSessionOpening,
  type Credentials,
  type SessionOpening,
  type SessionOpeningOptions,
} from "./session_opening.ts";
import { newConsoleCookie, newRefreshToken } from "./session_secrets.ts";

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInS: number;
  readonly sessionId: string;
}

export interface ConsoleSignIn {
  /** Value of the cookie. */
  readonly cookie: string;
  readonly sessionId: string;
  readonly csrfToken: string;
  readonly account: AccountView;
}

/**
 * Signing in throws `INVALID_CREDENTIALS`, `SECOND_FACTOR_REQUIRED` (only when the password was
 * right), `SIGN_IN_DELAYED`, `VALIDATION_FAILED` and `TEMPORARILY_UNAVAILABLE`.
 */
export interface SignIn {
  withTokens(credentials: Credentials): Promise<TokenPair & { readonly account: AccountView }>;
  /** Always a new session, so that nobody can be made to use one that another knows. */
  withConsole(credentials: Credentials): Promise<ConsoleSignIn>;
  /** Throws `INVALID_REFRESH_TOKEN`. */
  refresh(refreshToken: string, requestId?: string): Promise<TokenPair>;
}

export interface SignInOptions extends SessionOpeningOptions {
  readonly accessTokens: AccessTokens;
  readonly rotate: (refreshToken: string, requestId?: string) => Promise<RefreshOutcome>;
  readonly onSignIn: (result: SignInResult) => void;
  readonly onRefresh: (outcome: RefreshOutcome) => void;
}

type SignInResult = "ok" | "refused" | "delayed" | "second_factor";

/** Refusals that say something about the one who signs in, and not about us. */
const RESULTS: Readonly<Partial<Record<ErrorCode, SignInResult>>> = {
  INVALID_CREDENTIALS: "refused",
  SIGN_IN_DELAYED: "delayed",
  SECOND_FACTOR_REQUIRED: "second_factor",
};

export function createSignIn(options: SignInOptions): SignIn {
  const { accessTokens, rotate, onRefresh, sessions } = options;
  const open = counted(createSessionOpening(options), options.onSignIn);

  const pairOf = async (
    { id, accountId, role }: Pick<SessionRecord, "id" | "accountId" | "role">,
    refreshToken: string,
  ): Promise<TokenPair> => ({
    accessToken: await accessTokens.issue({ accountId, sessionId: id, role }),
    refreshToken,
    expiresInS: ACCESS_TOKEN_LIFE_MS / SECOND,
    sessionId: id,
  });

  return {
    async withTokens(credentials) {
      const token = newRefreshToken(sessions.newId());
      const account = await open(credentials, "api", token);
      const session = { id: token.sessionId, accountId: account.id, role: account.role };
      return { ...await pairOf(session, token.text), account: accountView(account) };
    },
    async withConsole(credentials) {
      const cookie = newConsoleCookie(sessions.newId());
      const account = await open(credentials, "console", cookie);
      const { text, sessionId } = cookie;
      return {
        cookie: text,
        sessionId,
        csrfToken: cookie.csrfToken(),
        account: accountView(account),
      };
    },
    async refresh(refreshToken, requestId) {
      const outcome = await rotate(refreshToken, requestId);
      onRefresh(outcome);
      if (!("token" in outcome)) throw new AppError("INVALID_REFRESH_TOKEN");
      return await pairOf(outcome.session, outcome.token);
    },
  };
}

function counted(open: SessionOpening, count: SignInOptions["onSignIn"]): SessionOpening {
  return async (...signIn) => {
    try {
      const account = await open(...signIn);
      count("ok");
      return account;
    } catch (error) {
      const result = error instanceof AppError ? RESULTS[error.code] : undefined;
      if (result) count(result);
      throw error;
    }
  };
}
