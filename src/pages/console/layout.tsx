/** The frame of every page of the console. Pages get plain data and read nothing themselves. */
import type { Child } from "hono/jsx";

export interface Frame {
  readonly title: string;
  /** Prefix of our own paths; empty for none. */
  readonly basePath: string;
  /** Who is signed in; absent on the pages before. */
  readonly email?: string;
  /** Whether the sections for admins are shown. */
  readonly isAdmin?: boolean;
  /** What went wrong with the form just sent. */
  readonly alert?: string;
  /** What was done by the form just sent. */
  readonly notice?: string;
}

const SECTIONS = [
  { path: "/admin", name: "Account", forAdmins: false },
  { path: "/admin/keys", name: "API keys", forAdmins: true },
] as const;

/** The complete HTML of a page. */
export function page(frame: Frame, children: Child): string {
  const { title, email, basePath, alert, notice } = frame;
  const html = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Gatehouse`}</title>
        <link rel="stylesheet" href={`${basePath}/gatehouse.css`} />
      </head>
      <body>
        <main>
          {email === undefined ? null : <Navigation {...frame} />}
          <h1>{title}</h1>
          {alert ? <p class="alert" role="alert">{alert}</p> : null}
          {notice ? <p class="notice" role="status">{notice}</p> : null}
          {children}
        </main>
      </body>
    </html>
  );
  return `<!doctype html>${html}`;
}

function Navigation({ basePath, title, isAdmin = false }: Frame) {
  const sections = SECTIONS.filter(({ forAdmins }) => isAdmin || !forAdmins);
  return (
    <nav aria-label="Console">
      <ul>
        {sections.map(({ path, name }) => (
          <li>
            <a href={basePath + path} aria-current={name === title ? "page" : undefined}>{name}</a>
          </li>
        ))}
        <li>
          <form method="post" action={`${basePath}/admin/logout`}>
            <button type="submit" class="plain">Sign out</button>
          </form>
        </li>
      </ul>
    </nav>
  );
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** An ISO 8601 time as a person reads it: `21 Nov 2026, 05:22 UTC`. */
export function Moment({ at }: { readonly at: string }) {
  const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(at) ?? [];
  return (
    <time datetime={at}>{`${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${time} UTC`}</time>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: "text" | "email" | "password";
  readonly value?: string;
  readonly autocomplete?: string;
  readonly hint?: string;
  readonly required?: boolean;
}

/** A labelled input; its hint is read with it. */
export function Field(
  { label, name, type = "text", value, autocomplete = "off", hint, required = true }: FieldProps,
) {
  const hintId = hint && `${name}-hint`;
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        autocomplete={autocomplete}
        required={required}
        aria-describedby={hintId}
      />
      {hint ? <small id={hintId}>{hint}</small> : null}
    </p>
  );
}
