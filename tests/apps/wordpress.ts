/** Debian's WordPress on a free port, with a database of its own, unprivileged, all in one folder. */
import { debianFiles, requirePrograms, run } from "./install.ts";
import { type App, start } from "./process.ts";

/** None of them brings a service that would be started. */
const PROGRAMS = ["php-cli", "php-mysql", "php-gd", "mariadb-server-core"];
/** As files only: installing WordPress would install, and start, Apache. */
const FILES = [
  "wordpress",
  "wordpress-theme-twentytwentythree",
  "php-getid3",
  "libjs-cropper",
  "libjs-prototype",
  "libjs-scriptaculous",
  "libjs-underscore",
];

export async function startWordPress(folder: string): Promise<App> {
  await requirePrograms(PROGRAMS);
  await debianFiles(FILES, folder);
  const site = `${folder}/usr/share/wordpress`;
  const socket = `${folder}/mysql.sock`;
  await Deno.writeTextFile(`${site}/wp-config.php`, configuration(socket));
  await using started = new AsyncDisposableStack();
  started.use(await startDatabase(folder, socket));
  const php = started.use(
    await start("php", {
      args: ["-d", "sendmail_path=/bin/true", "-d", "display_errors=0"]
        .concat(["-S", "127.0.0.1:0", "-t", site]),
      // A page of WordPress asks WordPress itself, too.
      env: { PHP_CLI_SERVER_WORKERS: "4" },
    }, /\((http:\/\/127\.0\.0\.1:\d+)\) started/),
  );
  const all = started.move();
  return {
    name: "WordPress",
    url: php.found[1],
    output: php.output,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startDatabase(folder: string, socket: string): Promise<AsyncDisposable> {
  const user = Deno.uid() === 0 ? ["--user=root"] : [];
  const data = `--datadir=${folder}/database`;
  const first = `${folder}/first.sql`;
  await Deno.writeTextFile(first, "CREATE DATABASE wordpress;\n");
  await run("mariadb-install-db", [
    ...["--no-defaults", data, "--auth-root-authentication-method=normal", ...user],
  ]);
  return await start("mariadbd", {
    args: ["--no-defaults", data, `--socket=${socket}`, "--skip-networking", ...user]
      .concat([`--init-file=${first}`, "--innodb-flush-log-at-trx-commit=0"]),
  }, /ready for connections/);
}

/** What somebody writes into `wp-config.php`: the database, and that nothing leaves this machine. */
const configuration = (socket: string) =>
  `<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:${socket}');
define('WP_HTTP_BLOCK_EXTERNAL', true);
${KEYS.map((name) => `define('${name}', '${crypto.randomUUID()}');`).join("\n")}
$table_prefix = 'wp_';
define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`;

const KEYS = ["AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"]
  .flatMap((name) => [`${name}_KEY`, `${name}_SALT`]);
