/** Texts of honest people and programs, of the kinds that careless filters refuse. */

export const SEARCHES = [
  "O'Brien",
  "select committee",
  "1=1 t-shirt",
  "rock 'n' roll",
  "drop shipping or pickup",
  "union jack",
  '"and when the kids are old enough"',
  "Levi's 501 or 505",
  '24" x 36" frame',
  "L'Oréal d'Or",
  "AT&T phone; unlocked",
  "C# in a nutshell",
  "script for a movie",
  "<3",
  "JavaScript: The Good Parts",
  "SELECT * (bestseller)",
  "order by phone",
  "50% off; today only!",
];

/** Name, street, town and a sentence, as people of ten languages write them. */
export const PEOPLE = [
  [
    "Siobhán O'Sullivan",
    "12 O'Connell St., Apt. #4",
    "Dublin",
    "Please don't ring; the baby's asleep & I'm at work.",
  ],
  [
    "Jürgen Müller-Lüdenscheidt",
    "Straße des 17. Juni 135, 3. OG",
    "10623 Berlin",
    'Bitte nicht klingeln; "Hund" bellt -- danke!',
  ],
  [
    "Anne-Sophie d'Aubigné",
    "12 bis, rue de l'Église",
    "75015 Paris",
    "C'est l'appartement n° 5 ; sonnez à « Aubigné ».",
  ],
  ["María José Ñúñez", "C/ Alcalá, 45, 2º B", "28014 Madrid", "¿Podrían llamar antes? ¡Gracias!"],
  [
    "João d'Ávila",
    "R. Augusta, 1500 - apto. 12",
    "São Paulo - SP",
    "Deixe na portaria; não precisa de assinatura.",
  ],
  [
    "Giulia D'Angelo",
    "Via dell'Orso, 7/A",
    "20121 Milano",
    "L'ingresso è sul retro (cancello nero).",
  ],
  [
    "Łukasz Żółć",
    "ul. Świętokrzyska 12 m. 5",
    "00-916 Warszawa",
    "Proszę zostawić u sąsiada; kod: 12#34*.",
  ],
  ["Анна Ковалёва", "ул. Ленина, д. 5, кв. 12", "Москва", "Позвоните за час; домофон не работает."],
  [
    "山田 太郎",
    "東京都渋谷区道玄坂1-2-3",
    "渋谷区",
    "不在の場合は「宅配ボックス」に入れてください。",
  ],
  ["محمد العلي", "شارع الملك فهد، 12", "الرياض", "يرجى الاتصال قبل التوصيل."],
];

export const MARKDOWN = `# Deploying

Run \`npm run build\` and then copy the \`dist\` folder to the server, as described in \`../README.md\`:

\`\`\`sh
rm -rf dist && npm run build
scp -r dist/* root@10.0.0.5:/var/www/html; curl http://localhost:8080/ | grep title
\`\`\`

\`\`\`html
<script src="/app.js"></script><button onclick="alert('hi')">Say hi</button>
\`\`\`

\`\`\`sql
SELECT * FROM users WHERE name = 'O''Brien' OR 1=1; -- returns everybody
\`\`\`

It's easy, isn't it? If \`SELECT\` fails, look into /var/log/syslog and tell us.`;

export const WYSIWYG =
  `<h1 class="title">Our story</h1><p style="margin-left:40px;color:#333">It's <em>all</em> ` +
  `about "quality" &amp; care. <a href="https://example.com/a?b=1&amp;c=2" target="_blank">More</a></p>` +
  `<figure class="image"><img src="https://img.example.com/1.webp" alt="A lamp" loading="lazy"></figure>` +
  `<table><thead><tr><th>Size</th></tr></thead><tbody><tr><td>10&quot;</td></tr></tbody></table>` +
  `<iframe width="560" height="315" src="https://www.youtube.com/embed/abc" allowfullscreen></iframe>`;

export const GRAPHQL = JSON.stringify({
  operationName: "Search",
  query:
    'query Search($q: String!, $first: Int = 10) { products(query: $q, first: $first, where: {title: "O\'Brien"}) ' +
    "{ edges { node { id title ... on Lamp { watts } } } pageInfo { hasNextPage } } }",
  variables: { q: 'desk & lamp; 24"', first: 10 },
});

export const GITHUB_WEBHOOK = JSON.stringify({
  ref: "refs/heads/main",
  repository: {
    full_name: "octo/shop",
    keys_url: "https://api.github.com/repos/octo/shop/keys{/key_id}",
    archive_url: "https://api.github.com/repos/octo/shop/{archive_format}{/ref}",
    owner: {
      login: "octo",
      avatar_url: "https://avatars.githubusercontent.com/u/1?v=4",
      gravatar_id: "",
      followers_url: "https://api.github.com/users/octo/following{/other_user}",
    },
  },
  commits: [{
    message:
      "fix: don't select from users where id = null; drop the `exec` call\n\nCloses #12 -- thanks!",
    url: "https://github.com/octo/shop/commit/0123456789?",
    added: [".env.example", ".github/workflows/ci.yml"],
    author: { name: "Mona O'Cat", email: "mona@example.com" },
  }],
});

/** Lines that programs write, as support forms and error collectors receive them. */
export const LOGS = [
  "Dec 10 06:55:46 host sshd[24200]: pam_unix(sshd:auth): authentication failure; uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7",
  "[Mon Dec 05 10:48:48 2005] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties",
  '2025/01/01 12:00:00 [error] 12#0: *5 open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file), client: 10.0.0.1',
  '192.168.1.10 - - [12/Mar/2025:10:00:00 +0000] "POST /api/orders?id=5 HTTP/1.1" 500 123 "-" "curl/8.0"',
  "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created MRAppMaster",
  "java.lang.NullPointerException: s is null\n\tat com.example.Main.run(Main.java:42)\n\tat java.base/java.lang.Thread.run(Thread.java:833)",
  "Caused by: org.springframework.beans.factory.BeanCreationException: Error\n\tat sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
  "Error: ENOENT: no such file or directory, open '/usr/src/app/config.json'\n    at Object.openSync (node:fs:603:3)",
  "PHP Fatal error: Uncaught Error: Call to undefined function foo() in /var/www/html/index.php:12",
  "ERROR 1064 (42000): You have an error in your SQL syntax; check the manual near 'from users' at line 1",
  "2016-09-28 04:30:30, Info CBS Loaded Servicing Stack v6.1 with Core: C:\\Windows\\winsxs\\amd64\\cbscore.dll",
];
