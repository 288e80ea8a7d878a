/** Every signal, in the order findings of equal confidence are reported. */
import type { Signal } from "../signal.ts";
import { charsetTrick } from "./charset_trick.ts";
import { directoryFilter } from "./directory_filter.ts";
import { encoding } from "./encoding.ts";
import { headerInjection, lineEnds } from "./header_injection.ts";
import { javaObject } from "./java_object.ts";
import { nosql } from "./nosql.ts";
import { pathTraversal } from "./path_traversal.ts";
import { phpCode } from "./php_code.ts";
import { prototype } from "./prototype.ts";
import { remoteFile } from "./remote_file.ts";
import { scannerAgent } from "./scanner_agent.ts";
import { scannerPath } from "./scanner_path.ts";
import { sensitiveFile } from "./sensitive_file.ts";
import { serverCode } from "./server_code.ts";
import { serverInclude } from "./server_include.ts";
import { serverRequest } from "./server_request.ts";
import { sessionFixation } from "./session_fixation.ts";
import { shellCommand } from "./shell_command.ts";
import { sqlGrammar } from "./sql_grammar.ts";
import { sqlWords } from "./sql_words.ts";
import { templateExpression } from "./template_expression.ts";
import { xmlEntity } from "./xml_entity.ts";
import { xssAttribute } from "./xss_attribute.ts";
import { xssMarkup } from "./xss_markup.ts";
import { xssScript } from "./xss_script.ts";

export const SIGNALS: readonly Signal[] = [
  sqlGrammar,
  sqlWords,
  xssMarkup,
  xssAttribute,
  xssScript,
  shellCommand,
  serverCode,
  serverInclude,
  pathTraversal,
  sensitiveFile,
  remoteFile,
  serverRequest,
  nosql,
  templateExpression,
  xmlEntity,
  headerInjection,
  lineEnds,
  directoryFilter,
  phpCode,
  javaObject,
  prototype,
  scannerAgent,
  scannerPath,
  encoding,
  charsetTrick,
  sessionFixation,
];
