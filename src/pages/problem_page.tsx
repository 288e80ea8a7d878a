/**
 * The page a person sees instead of a problem document. It loads nothing: who is refused would be
 * refused its style too, and would have asked for it with the refused address as the Referer.
 */
import { raw } from "hono/html";
import style from "./problem.css" with { type: "text" };

export interface ProblemPage {
  readonly title: string;
  /** A sentence about this occurrence, already safe to show. */
  readonly detail?: string;
  readonly requestId: string;
  /** Of the Content-Security-Policy that the answer gets. */
  readonly nonce: string;
}

/** The complete HTML of the page. */
export function problemPage({ title, detail, requestId, nonce }: ProblemPage): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style nonce={nonce}>{raw(style)}</style>
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {detail ? <p>{detail}</p> : null}
          <p>
            <small>
              Reference <code>{requestId}</code>
            </small>
          </p>
        </main>
      </body>
    </html>
  );
  return `<!doctype html>${page}`;
}
