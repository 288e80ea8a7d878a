/** Multipart forms in all the ways in which a gate and an application may read them differently. */
import { assert, assertEquals } from "@std/assert";
import { partHeadOf } from "../../../src/threats/body/multipart/part_head.ts";
import { REFUSED, scoreBody } from "../_requests.ts";

const TYPE = "multipart/form-data; boundary=cut";
const SQL = "1' UNION SELECT name, password FROM users--";
const FILE = "../../../../etc/passwd";
const DISPOSITION = "Content-Disposition: form-data; ";

const part = (parameters: string, content: string, more = "") =>
  `--cut\r\n${DISPOSITION}${parameters}${more}\r\n\r\n${content}\r\n`;
const END = "--cut--\r\n";
const FIELD = part('name="q"', SQL);
const PHOTO = part('name="f"; filename="a.jpg"', "x".repeat(100_000));

/** Found by what they hold. */
const FOUND: Readonly<Record<string, readonly [body: string, type?: string]>> = {
  "a field": [FIELD + END],
  "a field after a boundary in mid-line": [part('name="q"', `x --cut y ${SQL}`) + END],
  "a field between two long files": [PHOTO + FIELD + PHOTO + END],
  "a field after 2,000 fields": [part('name="a"', "1").repeat(2_000) + FIELD + END],
  "a field after 70 KB of fields": [
    part('name="a"', "lorem ".repeat(500)).repeat(30) + FIELD + END,
  ],
  "a field with a file's parameters in another head": [
    part('name="q"', SQL, '\r\nX-Note: a; filename="x.jpg"') + END,
  ],
  "a field with a file's parameters in its type": [
    part('name="q"', SQL, '\r\nContent-Type: text/plain; filename="x.jpg"') + END,
  ],
  "a field with filename* alone": [part("name=\"q\"; filename*=UTF-8''x.jpg", SQL) + END],
  "a field with an empty file name": [part('name="q"; filename=""', SQL) + END],
  "a field whose second file name is empty": [
    part('name="q"; filename="a"; filename=""', SQL) + END,
  ],
  "a field whose file name is in an escaped quote": [
    part('name="q\\"; filename=\\"x"', SQL) + END,
  ],
  "a field whose file name is in apostrophes": [part("name='q; filename=\"x\"'", SQL) + END],
  "a field with a folded head": [part('name="q"', SQL, '\r\n ; filename="x.jpg"') + END],
  "a field with two dispositions": [
    part('name="q"; filename="x.jpg"', SQL, `\r\n${DISPOSITION}name="q"`) + END,
  ],
  "a field with a blank before the equals sign": [part('name="q"; filename ="x"', SQL) + END],
  "a field in base64": [
    part('name="q"', btoa(SQL), "\r\nContent-Transfer-Encoding: base64") + END,
  ],
  "a field in base64 with line ends": [
    part(
      'name="q"',
      btoa(SQL).replace(/.{12}/g, "$&\r\n"),
      "\r\nContent-Transfer-Encoding: BASE64",
    ) + END,
  ],
  "a quoted-printable field": [
    part(
      'name="q"',
      SQL.replaceAll(" ", "=20").replace("UNION", "UNI=\r\nON"),
      "\r\nContent-Transfer-Encoding: quoted-printable",
    ) + END,
  ],
  "a part in UTF-16": [
    part(
      'name="q"',
      Array.from(SQL, (c) => `${c}\0`).join(""),
      "\r\nContent-Type: text/plain; charset=utf-16le",
    ) + END,
  ],
  "a field after the last delimiter": [part('name="a"', "1") + END + FIELD + END],
  "a field without a final delimiter": [FIELD],
  "a field with bare line feeds": [(FIELD + END).replaceAll("\r\n", "\n")],
  "a nested field": [
    part(
      'name="a"',
      `--in\r\nContent-Disposition: file; name="q"\r\n\r\n${SQL}\r\n--in--`,
      "\r\nContent-Type: multipart/mixed; boundary=in",
    ) + END,
  ],
  "a nested file name": [
    part(
      'name="a"',
      `--in\r\nContent-Disposition: file; filename="${FILE}"\r\n\r\nx\r\n--in--`,
      "\r\nContent-Type: multipart/mixed; boundary=in",
    ) + END,
  ],
  "text before the first part": [`q=${SQL}\r\n${part('name="a"', "1")}${END}`],
  "text after the last part": [`${part('name="a"', "1")}${END}q=${SQL}\r\n`],
  "a file name": [part(`name="f"; filename="${FILE}"`, "x") + END],
  "a second file name": [part(`name="f"; filename="a"; filename="${FILE}"`, "x") + END],
  "a file name without quotes": [part(`name=f; filename=${FILE}`, "x") + END],
  "filename*": [part(`name="f"; filename*=UTF-8''${encodeURIComponent(FILE)}`, "x") + END],
  "a file name in pieces": [
    part('name="f"; filename*0="../../../../e"; filename*1="tc/passwd"', "x") + END,
  ],
  "a name": [part(`name="${SQL.replaceAll('"', "")}"`, "x") + END],
  "a boundary in quotes": [FIELD + END, 'multipart/form-data; boundary="cut"'],
  "the first of two boundaries": [FIELD + END, "multipart/form-data; boundary=cut; boundary=x"],
  "the second of two boundaries": [FIELD + END, "multipart/form-data; boundary=x; boundary=cut"],
  "a boundary that nobody declares": [FIELD + END, "multipart/form-data"],
  "a boundary other than the declared": [FIELD + END, "multipart/form-data; boundary=other"],
  "a boundary in another parameter": [FIELD + END, "multipart/form-data; xboundary=cut"],
  "a form said to be text": [FIELD + END, "text/plain"],
  "a form said to be a picture": [FIELD + END, "image/png"],
  "a long boundary": [
    (FIELD + END).replaceAll("--cut", `--${"x".repeat(120)}`),
    `multipart/form-data; boundary=${"x".repeat(120)}`,
  ],
  "a file to one reader, text to another": [
    part('name="a"', `1\n--cut\r\n${DISPOSITION}name="f"; filename="x"\r\n\r\n${SQL}`) + END,
  ],
};

for (const [what, [body, type = TYPE]] of Object.entries(FOUND)) {
  Deno.test(`a payload is found in ${what}`, () => {
    assert(scoreBody(body, type).payload > REFUSED);
  });
}

/** Refused because nobody can say what an application makes of them. */
const UNREAD: Readonly<Record<string, readonly [body: string, type?: string]>> = {
  "a delimiter after a bare CR": [part('name="a"', `1\r--cut\r\n\r\nx`) + END],
  "a line that begins with a boundary": [part('name="a"', "1\r\n--cutter\r\nx") + END],
  "something behind the last boundary": [part('name="a"', "1") + "--cut--;\r\n"],
  "a transfer encoding of its own": [
    part('name="a"', "x", "\r\nContent-Transfer-Encoding: x-uuencode") + END,
  ],
  "a head without end": [`--cut\r\n${DISPOSITION}${"x".repeat(30_000)}`],
  "more parts than any form has": [part('name="a"', "1").repeat(4_097) + END],
  "multipart in multipart in multipart": [
    ["", "in", "an"].reduceRight(
      (inner, _, depth) =>
        `--b${depth}\r\nContent-Type: multipart/mixed; boundary=b${
          depth + 1
        }\r\n\r\n${inner}\r\n--b${depth}--`,
      "--b3\r\n\r\nx\r\n--b3--",
    ),
    "multipart/mixed; boundary=b0",
  ],
  "five boundaries": [
    part('name="a"', "1") + END,
    `multipart/form-data; ${["a", "b", "c", "d", "cut"].map((b) => `boundary=${b}`).join("; ")}`,
  ],
};

for (const [what, [body, type = TYPE]] of Object.entries(UNREAD)) {
  Deno.test(`a multipart body with ${what} is not read, and says so`, () => {
    const { unread, payload } = scoreBody(body, type);
    assert(unread);
    assert(payload < REFUSED);
  });
}

Deno.test("a charset of a part that nobody knows is unsupported, also by _charset_", () => {
  for (
    const body of [
      part('name="a"', "x", "\r\nContent-Type: text/plain; charset=utf-7"),
      part('name="_charset_"', "utf-7") + part('name="a"', "x"),
    ]
  ) assert(scoreBody(body + END, TYPE).unsupported);
  assert(!scoreBody(part('name="_charset_"', "UTF-8") + part('name="a"', "x") + END, TYPE).unread);
});

const JPEG = String.fromCharCode(0xff, 0xd8, 0xff, 0xe0, 0, 16) +
  Array.from({ length: 5_000 }, (_, at) => String.fromCharCode((at * 7919) % 256)).join("");
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** What people send, odd as it looks. */
const HONEST: Readonly<Record<string, readonly [body: string, type?: string]>> = {
  "a photo": [part('name="f"; filename="IMG_1.JPG"', JPEG, "\r\nContent-Type: image/jpeg") + END],
  "a photo named twice": [
    part('name="f"; filename="a.jpg"; filename*=UTF-8\'\'a%20b.jpg', JPEG) + END,
  ],
  "a photo with filename* alone": [part("name=\"f\"; filename*=UTF-8''a.jpg", JPEG) + END],
  "a photo in a part of its own type": [
    `--cut\r\nContent-Type: application/json\r\n\r\n{"title":"My dog"}\r\n` +
    `--cut\r\nContent-Type: image/jpeg\r\n\r\n${JPEG}\r\n${END}`,
    "multipart/related; boundary=cut",
  ],
  "a name that begins with a quote": [part('name="f"; filename="%22.txt"', "x") + END],
  "a name that ends with a backslash": [part('name="f"; filename="dir\\"', "x") + END],
  "a name with a path of Windows": [part('name="f"; filename="C:\\docs\\a b.txt"', "x") + END],
  "a name with an apostrophe": [
    part('name="f"; filename="l\'\u00c3\u00a9t\u00c3\u00a9.pdf"', "x") + END,
  ],
  "a name with a per cent sign": [part('name="f"; filename="100%0Applejuice.pdf"', "x") + END],
  "a name with a semicolon": [part('name="f"; filename="a; b.txt"', "x") + END],
  "names without quotes": [part("name=f; filename=a.txt", "x") + END],
  "an empty file input": [
    part('name="f"; filename=""', "", "\r\nContent-Type: application/octet-stream") + END,
  ],
  "a part fed with nothing": [part('name="a"', "") + END],
  "a file that ends with CR": [part('name="f"; filename="a"', "x\r") + END],
  "no line end after the last delimiter": [part('name="a"', "1") + "--cut--"],
  "a leading line end": [`\r\n${part('name="a"', "1")}${END}`],
  "a preamble of mail": [
    `This is a multi-part message in MIME format.\r\n${part('name="a"', "1")}${END}`,
  ],
  "a boundary in mid-line of text": [part('name="a"', "see --cut and x--cut--") + END],
  "dashes in text": [part('name="a"', "title\r\n-----\r\n--\r\ntext") + END],
  "bare line feeds from a script": [(part('name="a"', "1") + END).replaceAll("\r\n", "\n")],
  "bare line feeds inside a field": [part('name="a"', "one\ntwo\n\nthree") + END],
  "a boundary of Outlook": [
    part('name="a"', "1").replace("--cut", "------=_Part_1_7.8") + "------=_Part_1_7.8--\r\n",
    'multipart/form-data; boundary="----=_Part_1_7.8"',
  ],
  "a charset beside the boundary": [
    part('name="a"', "1") + END,
    "multipart/form-data; charset=UTF-8; boundary=cut",
  ],
  "plain transfer encodings": [
    part('name="a"', "1", "\r\nContent-Transfer-Encoding: 8bit") +
    part('name="f"; filename="a"', JPEG, "\r\nContent-Transfer-Encoding: binary") + END,
  ],
  "a thousand fields": [part('name="line[]"', "2 x Tea, Earl Grey").repeat(1_000) + END],
  "code in a file": [part('name="f"; filename="a.php"', "<?php system('id');") + END],
};

for (const [what, [body, type = TYPE]] of Object.entries(HONEST)) {
  Deno.test(`an honest upload passes: ${what}`, () => {
    const { payload, unread } = scoreBody(latin1(body), type);
    assert(!unread && payload < 0.5, `${payload}`);
  });
}

Deno.test("partHeadOf() believes a file only where every reader sees one", () => {
  const rows:
    readonly (readonly [head: string, names: string[], files: string[], isFile: boolean])[] = [
      ['Content-Disposition: form-data; name="a"; filename="b"', ["a"], ["b"], true],
      ["CONTENT-DISPOSITION: form-data; NAME=a; FILENAME=b", ["a"], ["b"], true],
      ['Content-Disposition: form-data; name="a"', ["a"], [], false],
      ['Content-Disposition : form-data; name="a"; filename="b"', ["a"], ["b"], true],
      ['X-A: form-data; name="a"; filename="b"', [], [], false],
      ['Content-Disposition: form-data; filename="b"; name="a"', ["a"], ["b"], true],
      [
        'Content-Disposition: form-data; name="a\\"; filename="b"',
        ['a"; filename=', "a\\"],
        ["b"],
        false,
      ],
      ["Content-Disposition: form-data; name='a'; filename='b'", ["'a'", "a"], ["'b'", "b"], true],
      ["Content-Disposition: form-data; name=a; filename*=UTF-8''b%20c", ["a"], [
        "UTF-8''b%20c",
        "b c",
      ], false],
      ["", [], [], false],
    ];
  for (const [head, names, filenames, isFile] of rows) {
    const read = partHeadOf(head);
    assertEquals([read.names, read.filenames, read.isFile], [names, filenames, isFile], head);
  }
});
