/** API keys: the ones there are, and the form for a new one. */
import { Field, type Frame, Moment, page } from "./layout.tsx";

export interface KeysPage {
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    /** What is to be said of it, each with its time. */
    readonly state: readonly (readonly [said: string, at?: string])[];
    readonly revocable: boolean;
  }[];
  readonly scopes: readonly { readonly name: string; readonly about: string }[];
  /** What was typed into a form that was not right. */
  readonly draft?: { readonly name: string; readonly scopes: readonly string[] };
  /** The key just made, shown this once. */
  readonly created?: string;
  readonly nextCursor?: string;
}

export function keysPage(frame: Frame, content: KeysPage): string {
  const { keys, created, nextCursor } = content;
  const path = `${frame.basePath}/admin/keys`;
  return page(
    frame,
    <>
      {created
        ? (
          <p class="notice" role="status">
            Copy the key now, it is not shown again: <code>{created}</code>
          </p>
        )
        : null}
      {keys.length === 0 ? <p>There is no key yet.</p> : (
        <ul class="rows">
          {keys.map((key) => (
            <li>
              <Key path={path} {...key} />
            </li>
          ))}
        </ul>
      )}
      {nextCursor
        ? (
          <p>
            <a href={`${path}?cursor=${encodeURIComponent(nextCursor)}`}>More keys</a>
          </p>
        )
        : null}
      <h2>New key</h2>
      <NewKey path={path} {...content} />
    </>,
  );
}

interface InList {
  readonly path: string;
}

function Key({ path, id, name, scopes, state, revocable }: InList & KeysPage["keys"][number]) {
  return (
    <>
      <span>
        {name}
        <br />
        <small>{scopes.join(" ")}</small>
        {state.map(([said, at]) => (
          <>
            <br />
            <small>{said} {at ? <Moment at={at} /> : null}</small>
          </>
        ))}
      </span>
      {revocable
        ? (
          <form method="post" action={`${path}/${id}/revoke`}>
            <button type="submit" class="plain" aria-label={`Revoke ${name}`}>Revoke</button>
          </form>
        )
        : null}
    </>
  );
}

function NewKey({ path, scopes, draft }: InList & Pick<KeysPage, "scopes" | "draft">) {
  return (
    <form method="post" action={path}>
      <Field label="Name" name="name" value={draft?.name} hint="What will use it." />
      <fieldset>
        <legend>What it may do</legend>
        {scopes.map(({ name, about }) => (
          <label class="choice">
            <input
              type="checkbox"
              name="scopes"
              value={name}
              checked={draft?.scopes.includes(name)}
            />
            <span>
              <code>{name}</code>
              <br />
              <small>{about}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <button type="submit">Create the key</button>
    </form>
  );
}
