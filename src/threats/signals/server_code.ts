/** Code of the languages that servers are written in, other than PHP and Java. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const serverCode: Signal = {
  name: "server_code",
  family: "rce",
  needs: 0,
  any: TRAIT.paren | TRAIT.dot | TRAIT.bracket | TRAIT.space | TRAIT.underscore | TRAIT.tick,
  hint:
    /activex|wscript|require|process|import|os\.|subprocess|popen|eval|exec|kernel|io\.|%x|spawn|child_process|compile|getattr|marshal|pickle|system|open\(|deno\.|function\s{0,3}\(/,
  rules: [
    {
      id: "node",
      confidence: 0.93,
      pattern:
        /\brequire\s{0,3}\(\s{0,3}['"`](?:node:)?(?:child_process|fs|os|vm|net|http|cluster)['"`]|\bchild_process\b|\bprocess\s{0,3}(?:\.|\[\s{0,3}['"])(?:mainmodule|binding|env|exit|kill|dlopen|argv|cwd|version)|\bglobal(?:this)?\.process\b|\bconstructor\.constructor\s{0,3}\(|\b(?:exec|spawn|execfile)(?:sync)?\s{0,3}\(\s{0,3}['"`]|_\$\$nd_func\$\$_|\bdeno\.(?:run|command|readtext)/,
      why: "code for Node.js",
    },
    {
      id: "python",
      confidence: 0.93,
      pattern:
        /\b__import__\s{0,3}\(|\bos\s{0,3}\.\s{0,3}(?:system|popen|exec[vl]\w{0,2}|spawn\w{1,3}|listdir|environ|remove)\b|\bsubprocess\s{0,3}\.\s{0,3}(?:popen|call|run|check_output|getoutput)|\bimport\s{1,3}(?:os|subprocess|socket|pty|commands)\b|\b(?:eval|exec)\s{0,3}\(\s{0,3}compile\s{0,3}\(|\bimportlib\.import_module|\bpickle\.loads|\bgetattr\s{0,3}\(\s{0,3}__|\bcos\nsystem\n/,
      why: "code for Python",
    },
    {
      id: "ruby",
      confidence: 0.9,
      pattern:
        /\bkernel\s{0,3}\.\s{0,3}(?:exec|system|open|spawn|fork)|\bio\s{0,3}\.\s{0,3}(?:popen|read|binread)\s{0,3}[('"]|%x[({\[|]|\bfile\s{0,3}\.\s{0,3}(?:open|read|new|readlines)\s{0,3}\(\s{0,3}['"]|\bdir\.(?:entries|glob)\b|\bopen\s{0,3}\(\s{0,3}['"]\s{0,3}\||\berb\.new\b|\beval\s{0,3}\(\s{0,3}(?:params|request)/,
      why: "code for Ruby or Perl",
    },
    {
      id: "eval",
      confidence: 0.82,
      pattern:
        /(?:^|[^\w.$])eval\s{0,3}\(\s{0,3}(?:request|params|\$|['"`]|base64|\w{1,20}\s{0,3}\.)|\bresponse\s{0,3}\.\s{0,3}(?:write|end)\s{0,3}\(|\bexecute\s{0,3}\(\s{0,3}request|\bserver\.createobject\b|\bwscript\.shell\b/,
      why: "evaluates text as code",
    },
  ],
};
