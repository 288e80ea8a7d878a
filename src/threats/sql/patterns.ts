/**
 * The grammar of SQL injection, over the letters of `tokens.ts`. `BREAKOUTS` are read from just
 * behind a quote that would close the application's own string; `SENTENCES` anywhere in the value.
 *
 * X below is an operand: a number, string, variable or literal, behind signs and parentheses.
 */
import type { Rule } from "../signal.ts";

const X = "[N+(]{0,9}[1sLv](?:\\+[1sLv]){0,8}";

const rule = (id: string, confidence: number, pattern: string, why: string): Rule => ({
  id,
  confidence,
  pattern: new RegExp(pattern.replaceAll("X", X)),
  why,
});

export const BREAKOUTS: readonly Rule[] = [
  rule("or_compare", 0.95, "^\\)*[OAP]X\\)*[=]", "a condition that compares constants"),
  rule(
    "or_column",
    0.88,
    "^\\)*[OAP][N(]{0,5}w(?:\\.w)?=[N+(]*[1sutLvdf]",
    "a condition on a column",
  ),
  rule(
    "or_like",
    0.9,
    "^\\)*[OAP](?:[N(]{0,5}[w1sLvD](?:\\.w)?[Nl]{1,3}[sut(fd]|X\\)*N?lX)",
    "a condition with LIKE or IN",
  ),
  rule("or_null", 0.9, "^\\)*[OAP][N(]{0,5}[w1sLv](?:\\.w)?lN?L", "a condition on NULL"),
  rule("or_call", 0.95, "^\\)*[OAP=+G][N+(]*[df]\\(", "a function in a condition"),
  rule(
    "or_constant",
    0.88,
    "^\\)*[OAP](?:X\\)*;?c|[N+(]*[1Lv]\\)*;?$)",
    "a condition that is a constant",
  ),
  rule("or_name", 0.86, "^\\)*[OAP]w=[w1s]\\)*c", "a column compared, the rest cut off"),
  rule(
    "or_open",
    0.88,
    "^\\)*(?:[OAP+=][N+(]*s?t|[P+=][N+(]*u)$",
    "an operator between the application's quotes",
  ),
  rule(
    "signs_open",
    0.85,
    "^\\)*(?:[+=][N(]*[1Lv]\\)*){1,6}[+=OAPN(]{1,6}[ut]$",
    "arithmetic between quotes",
  ),
  rule("own_call", 0.85, "^\\)*P+w(?:\\.w)?\\(", "a function called between quotes"),
  rule("where", 0.92, "^\\)*w{0,2}WX=", "a WHERE behind a quote"),
  rule("like_cut", 0.84, "^\\)*N?l\\(*X[^w]{0,9}c", "a LIKE, the rest cut off"),
  rule("or_select", 0.95, "^[)1,L]*[OAP+=,l][N+(]*\\(*S", "a sub-query"),
  rule("or_case", 0.9, "^\\)*[OAP+][N+(]*E(?:E|[N+(]*[1Lv]|\\(|w?=)", "a CASE expression"),
  rule(
    "compare_end",
    0.88,
    "^\\)*=X[\\)N]*(?:c|[ut]|[OAP]X)",
    "a comparison that ends the string",
  ),
  rule("compare_call", 0.9, "^\\)*[=l]\\(*[df]\\(", "a comparison with a function"),
  rule("like_open", 0.85, "^\\)*N?l[N(]*[ut]$", "LIKE between the application's quotes"),
  rule("union", 0.97, "^[)1,L;]*UN?\\(*S", "UNION SELECT behind a quote"),
  rule(
    "statement",
    0.95,
    "^[)1,L]*;+(?:T(?:[Dvs(G;c]|F|wV|$|[dfw]\\()|\\(*S[^w]|[fd]\\()",
    "a second statement",
  ),
  rule("waitfor", 0.95, "^[)1,L;]*Tws", "WAITFOR DELAY"),
  rule("clause", 0.88, "^\\)*(?:GKw?[1(s]|Gw?[1(])", "a clause such as HAVING 1=1"),
  rule(
    "clause_columns",
    0.88,
    "^\\)*GK?(?:w|G)(?:[w.,]{0,9})(?:c|GX)",
    "GROUP BY or ORDER BY with the rest cut off",
  ),
  rule("closing", 0.8, "^\\)+(?:c$|;c|[OA]\\()", "closes a parenthesis and cuts off the rest"),
  rule("alias", 0.9, "^\\)+K?w{1,2}W[1s]=", "closes a sub-query and begins a condition"),
  rule("columns", 0.88, "^(?:,[(+]*[L1v]\\)*){2,20}(?:[cutTF;]|$)", "a row of columns"),
  rule(
    "column_call",
    0.9,
    "^(?:,[L1sv]){0,20},[(+]*[d]\\(|^(?:,[L1sv]){0,20},\\(S",
    "a function in a row of columns",
  ),
  rule("mode", 0.9, "^lww\\)+", "closes MATCH … IN BOOLEAN MODE"),
];

export const SENTENCES: readonly Rule[] = [
  rule(
    "union_select",
    0.96,
    "UN?\\(*N?S(?:[1svLdf(+N;F.]|w[,.+(]|[ut])",
    "UNION SELECT with columns",
  ),
  rule("union_columns", 0.88, "U[1L](?:,[1L]){1,40}(?:c|$|F)", "UNION with columns"),
  rule("union_select_from", 0.85, "U\\(*N?SwFw(?:[cW,;.G(]|$)", "UNION SELECT from a table"),
  rule(
    "union_select_bare",
    0.82,
    "(?:^|[1sL)vc.])[+)]{0,8}UN?\\(*N?S(?:[w+]|$)",
    "UNION SELECT behind a value",
  ),
  rule(
    "tautology",
    0.9,
    "(?:^|(?:^|[^=])1|[^wE=,1])\\){0,8}[OAP]X\\){0,8}=[N+(]{0,9}[1sLvut]",
    "a condition that compares constants",
  ),
  rule(
    "tautology_name",
    0.86,
    "^w{0,2}\\){0,8}[OAP](?:X\\){0,8}=X\\){0,8}$|w=w\\){0,8}c|\\(w=w\\){0,8}$)",
    "a condition that is always true",
  ),
  rule(
    "tautology_in_text",
    0.82,
    "w\\){0,8}[OAP]\\(*([1s])\\){0,8}=\\(*\\1",
    "a condition that compares constants",
  ),
  rule(
    "constant_cut",
    0.86,
    "^[1svL(+N]{1,9}\\){0,8}[OAP]X\\){0,8}(?:c|;c?)$",
    "a constant condition, the rest cut off",
  ),
  rule(
    "like_constant",
    0.85,
    "[1svL)]\\){0,8}[OAP][N(]*[1svL]\\){0,8}N?l[N(]*[1svLu]",
    "LIKE or BETWEEN on constants",
  ),
  rule(
    "numeric_column",
    0.84,
    "^[+1]+\\){0,8}[OA][N(]*w(?:\\.w)?(?:=|N?l)[N+(]*[1sutLvdf]",
    "a condition on a column behind a number",
  ),
  rule(
    "subquery",
    0.93,
    "\\(N?S(?:[1svLdf(+NF]|w[,.+](?!w?F?w{3}))[^;]{0,60}?(?:F|\\)|W|$)",
    "a sub-query",
  ),
  rule("subquery_table", 0.85, "\\(N?SwFw[W)G.;c]", "a sub-query on a table"),
  rule(
    "subquery_cut",
    0.84,
    "^\\(+S[1svLNOAP+=l(),.dfEw]{1,40}\\)c",
    "a sub-query, the rest cut off",
  ),
  rule(
    "select_list",
    0.85,
    "(?:^|[;1s)])\\(*S(?:F?|[1svLdf(w][^;T]{0,40}?,[^;T]{0,60}?)F\\(*w(?:\\.w)?(?:[Wc;G,)]|$)",
    "SELECT … FROM",
  ),
  rule(
    "select_call",
    0.85,
    "(?:^|[;1s)OAP])\\(*S\\(*(?:d\\(|f\\([^;]{0,30}\\)(?:F|c|;|$|,)|v|[1+]F?c)",
    "SELECT of a function or variable",
  ),
  rule("call_condition", 0.93, "[OAP][N+(]*d\\(", "a dangerous function in a condition"),
  rule(
    "call_known",
    0.86,
    "(?:^|[1svL)])\\){0,8}[OAP][N+(]*f\\([^;]{0,40}\\)(?:[=l)]|c|$)",
    "a function in a condition",
  ),
  rule(
    "call_dangerous",
    0.86,
    "^(?:[1+,(NL]|GK?)*d\\((?:[N(+]*[1sLvfdS][^w]{0,30}[,)]|\\))",
    "nothing but a dangerous function",
  ),
  rule("call_operand", 0.88, "[1)]\\){0,8}[+P,]\\(*d\\(", "a dangerous function in an expression"),
  rule("call_compared", 0.85, "f\\([^;]{0,40}\\)[=]f\\(", "a comparison of functions"),
  rule(
    "case",
    0.88,
    "EX(?:[=l]X)?E|\\(Ef?\\(|EX=X\\){0,8}E|^Ef\\([^;]{1,9}\\)E",
    "a CASE on constants",
  ),
  rule(
    "drop",
    0.9,
    "(?:^|[;1s)cL])T(?:D[w(]|Fw|Gw)[^w]|;T(?:D|Fw|Gw|wVw)",
    "a statement of its own",
  ),
  rule(
    "select_only",
    0.82,
    "^\\(*S[w1sLv+,.()fd]{1,30}(?:Fw(?:\\.w)?|[\\w)]\\))(?:W[^;]{1,20})?;",
    "a SELECT and its end",
  ),
  rule(
    "stacked",
    0.92,
    "[1sL)];+(?:T(?:[vs(Dd]|[FG]w|wV|ws|[fw]\\()|S[1svdf(+F]|[df]\\()",
    "a second statement behind a value",
  ),
  rule("insert", 0.88, "TGw\\(?[w,.]{0,40}\\)?V\\(", "INSERT INTO … VALUES"),
  rule("update", 0.86, "(?:^|;)Tw(?:\\.w)?Vw=[1sw(Lf]", "UPDATE … SET"),
  rule("delete", 0.86, "(?:^|[;1s])TFw(?:\\.w)?(?:[Wc;]|$)", "DELETE FROM"),
  rule(
    "expression_cut",
    0.88,
    "^[(+]{0,3}(?=[^c]*[1svLfd])(?=[^c]*(?:[OAPLdf]|N[svLdf(]|[1sv)]=[1sv(]))[1svLNOAP+=l(),.dfE]{2,60}c$",
    "an SQL expression, the rest cut off",
  ),
  rule(
    "variable",
    0.82,
    "^(?:[(1+s]{0,3}[OAP+=N(]+v[)]*(?:[OAP=]|$)|v=|v[OAP][N+(]*[1sL(])",
    "a server variable",
  ),
  rule("order_cut", 0.86, "^[+1s)]{1,5}GK?(?:1,?){1,20}(?:c|$)", "ORDER BY a number"),
  rule("where_constant", 0.9, "(?:^|[1s)w])WX=X", "WHERE 1=1"),
  rule("having_cut", 0.88, "^[+1s)w]{0,5}G(?:X=X|\\([1L]O[1L]\\))", "HAVING 1=1"),
  rule(
    "shift",
    0.82,
    "^\\+?1\\)+(?:[OAP+][N(]|[OAP]X|c$|;)",
    "closes a parenthesis behind a number",
  ),
];
