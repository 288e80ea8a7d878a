/** The page a signed-in person lands on: who they are and where they are signed in. */
import { Field, type Frame, Moment, page } from "./layout.tsx";

export interface AccountPage {
  readonly email: string;
  readonly role: string;
  readonly secondFactor: boolean;
  readonly signIns: readonly {
    readonly id: string;
    readonly device: string;
    readonly address: string;
    readonly usedAt: string;
    readonly current: boolean;
  }[];
}

export function accountPage(frame: Frame, account: AccountPage): string {
  return page(
    frame,
    <>
      <dl>
        <dt>E-mail</dt>
        <dd>{account.email}</dd>
        <dt>Role</dt>
        <dd>{account.role}</dd>
        <dt>Second factor</dt>
        <dd>{account.secondFactor ? "on" : "off"}</dd>
      </dl>
      {account.secondFactor
        ? (
          <form method="post" action={`${frame.basePath}/admin/second-factor/off`}>
            <Field
              label="Code"
              name="code"
              autocomplete="one-time-code"
              hint="Of your app, or a recovery code."
            />
            <button type="submit" class="plain">Switch the second factor off</button>
          </form>
        )
        : null}
      <h2>Where you are signed in</h2>
      <ul class="rows">
        {account.signIns.map((signIn) => (
          <li>
            <span>
              {signIn.device} from {signIn.address}
              <br />
              <small>
                last used <Moment at={signIn.usedAt} />
              </small>
            </span>
            {signIn.current
              ? <small>this one</small>
              : (
                <form method="post" action={`${frame.basePath}/admin/sign-ins/${signIn.id}/end`}>
                  <button
                    type="submit"
                    class="plain"
                    aria-label={`End ${signIn.device} from ${signIn.address}`}
                  >
                    End
                  </button>
                </form>
              )}
          </li>
        ))}
      </ul>
    </>,
  );
}
