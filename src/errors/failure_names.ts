/**
 * Failures told by a name or a code that one kind of error has to itself. `TypeError`, `Error` and
 * `NotFound` are not here: KV, fetch and plain bugs share them, and only their text tells.
 */
import type { FailureCode } from "./failures.ts";

const rows = (code: FailureCode, ...names: string[]) => names.map((name) => [name, code] as const);

/** `error.name` */
export const FAILURE_OF_NAME: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ...rows("TIMED_OUT", "TimeoutError", "TimedOut", "DeadlineError"),
  ...rows("CONNECTION_REFUSED", "ConnectionRefused"),
  ...rows("CONNECTION_LOST", "ConnectionReset", "ConnectionAborted", "BrokenPipe"),
  ...rows("CONNECTION_LOST", "UnexpectedEof", "NotConnected"),
  ...rows("NETWORK_FAILED", "NetworkUnreachable", "AddrNotAvailable"),
  ...rows("KV_CLOSED", "BadResource"),
  ...rows("SCHEMA_MISMATCH", "ZodError", "$ZodError"),
  ...rows("URL_INVALID", "URIError"),
  ...rows("ENCODING_INVALID", "InvalidCharacterError"),
  ...rows("TOKEN_EXPIRED", "JwtTokenExpired"),
  ...rows("TOKEN_INVALID", "JwtTokenInvalid", "JwtTokenNotBefore", "JwtTokenIssuedAt"),
  ...rows("TOKEN_INVALID", "JwtTokenIssuer", "JwtTokenAudience", "JwtTokenSignatureMismatched"),
  ...rows("TOKEN_INVALID", "JwtHeaderInvalid", "JwtHeaderRequiresKid", "JwtAlgorithmMismatch"),
  ...rows("TOKEN_INVALID", "JwtAlgorithmNotImplemented", "JwtAlgorithmNotAllowed"),
  ...rows("PROVIDER_FAILED", "JwksUnavailable"),
  ...rows("NOT_SERIALIZABLE", "DataCloneError"),
  ...rows("DECRYPTION_FAILED", "OperationError"),
  ...rows("ENCODING_INVALID", "DataError"),
  ...rows("QUOTA_EXCEEDED", "QuotaExceededError"),
  ...rows("PERMISSION_MISSING", "NotCapable"),
  ...rows("FILE_UNUSABLE", "PermissionDenied", "IsADirectory", "NotADirectory", "AlreadyExists"),
  ...rows("BUG", "ReferenceError", "EvalError", "AssertionError"),
]);

/** `error.code` of the operating system, Node's TLS, nodemailer and jose. */
export const FAILURE_OF_CODE: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ...rows("CONNECTION_REFUSED", "ECONNREFUSED"),
  ...rows("CONNECTION_LOST", "ECONNRESET", "EPIPE", "ECONNABORTED"),
  ...rows("NETWORK_FAILED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"),
  ...rows("DNS_FAILED", "ENOTFOUND", "EAI_AGAIN", "EDNS"),
  ...rows("TIMED_OUT", "ETIMEDOUT", "ERR_JWKS_TIMEOUT"),
  ...rows("TLS_FAILED", "ETLS", "ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED"),
  ...rows("TLS_FAILED", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"),
  ...rows("TLS_FAILED", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
  ...rows("PROVIDER_LOGIN_REFUSED", "EAUTH", "ENOAUTH", "EOAUTH2"),
  ...rows("PROVIDER_REFUSED", "EENVELOPE", "EMESSAGE", "ESTREAM"),
  // Something else answers at that port, such as a load balancer whose server is gone.
  ...rows("PROVIDER_FAILED", "EPROTOCOL"),
  ...rows("TOKEN_EXPIRED", "ERR_JWT_EXPIRED"),
  ...rows("FILE_UNUSABLE", "ENOENT", "EACCES", "EISDIR", "EPERM"),
  ...rows("DISK_FULL", "ENOSPC"),
]);

/** Every other complaint of jose. */
export const JOSE_CODE = /^ERR_J(WT|WS|WE|WK|WKS|OSE)_/;
