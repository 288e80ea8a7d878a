/** The page a person sees instead of a problem document. It reads nothing and needs no script. */

export interface ProblemPage {
  readonly title: string;
  /** A sentence about this occurrence, already safe to show. */
  readonly detail?: string;
  readonly requestId: string;
  /** Where our stylesheet is: `/gatehouse.css` under the base path. */
  readonly stylesheet: string;
}

/** The complete HTML of the page. Its style is our own stylesheet, as the CSP demands. */
export function problemPage({ title, detail, requestId, stylesheet }: ProblemPage): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="stylesheet" href={stylesheet} />
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
