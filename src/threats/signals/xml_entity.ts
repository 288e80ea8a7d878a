/** XML that makes the parser read files or URLs, or grow without end. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const xmlEntity: Signal = {
  name: "xml_entity",
  family: "xxe",
  needs: TRAIT.angle,
  hint: /<!|xinclude|xi:include|<\?xml|xsl:|soap/,
  rules: [
    {
      id: "entity",
      confidence: 0.95,
      pattern: /<!entity\s{1,20}(?:%\s{0,20})?[\w.:%;&-]{0,80}\s{0,20}/,
      why: "declares an entity",
    },
    {
      id: "external_doctype",
      confidence: 0.92,
      pattern:
        /<!doctype\s[^<>\[]{1,200}\s(?:system|public)\s{1,9}["'](?!-\/\/(?:w3c|ietf)|about:legacy)/,
      why: "a document type from elsewhere",
    },
    {
      id: "internal_subset",
      confidence: 0.88,
      pattern: /<!doctype\s[^<>\[]{1,100}\[/,
      why: "a document type with declarations",
    },
    {
      id: "include",
      confidence: 0.93,
      pattern: /<xi:include\b|xmlns:xi\s{0,3}=|www\.w3\.org\/2001\/xinclude/,
      why: "includes another document",
    },
    {
      id: "stylesheet",
      confidence: 0.85,
      pattern: /<xsl:(?:stylesheet|value-of|include|import|copy-of|variable)\b|<\?xml-stylesheet\b/,
      why: "a stylesheet that runs code",
    },
  ],
};
