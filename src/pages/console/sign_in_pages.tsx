/** The pages before somebody is signed in: the first admin's set-up, and the sign-in. */
import { Field, type Frame, page } from "./layout.tsx";

type Doorway = Omit<Frame, "title" | "email">;

const PASSWORD_HINT = "At least 15 characters; a sentence is easier than signs.";

/** @param token Of the link that was followed; it goes back with the form. */
export function setupPage(frame: Doorway, token: string, email?: string): string {
  return page(
    { ...frame, title: "Set up the first admin" },
    <form method="post" action={`${frame.basePath}/admin/setup`}>
      <input type="hidden" name="token" value={token} />
      <Field label="E-mail" name="email" type="email" value={email} autocomplete="username" />
      <Field
        label="Password"
        name="password"
        type="password"
        autocomplete="new-password"
        hint={PASSWORD_HINT}
      />
      <button type="submit">Create the admin</button>
    </form>,
  );
}

export interface SignInForm {
  readonly email?: string;
  /** Path of the console to go on to. */
  readonly next: string;
  /** The password was right; now a code is wanted as well. */
  readonly wantsCode: boolean;
}

export function signInPage(frame: Doorway, { email, next, wantsCode }: SignInForm): string {
  return page(
    { ...frame, title: "Sign in" },
    <form method="post" action={`${frame.basePath}/admin/login`}>
      <input type="hidden" name="next" value={next} />
      <Field label="E-mail" name="email" type="email" value={email} autocomplete="username" />
      <Field label="Password" name="password" type="password" autocomplete="current-password" />
      {wantsCode
        ? (
          <Field
            label="Code"
            name="code"
            autocomplete="one-time-code"
            hint="Six digits of your app, or a recovery code."
          />
        )
        : null}
      <button type="submit">Sign in</button>
    </form>,
  );
}

/** Asks for the password again before something that cannot be taken back. */
export function confirmPage(frame: Frame, next: string): string {
  return page(
    frame,
    <form method="post" action={`${frame.basePath}/admin/confirm`}>
      <input type="hidden" name="next" value={next} />
      <p>Your password, please: what follows cannot be taken back.</p>
      <Field label="Password" name="password" type="password" autocomplete="current-password" />
      <button type="submit">Go on</button>
    </form>,
  );
}
