/** Server-side request forgery: URLs that only make sense from inside the network. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";
import { PLACE } from "../value.ts";

/** A program says in its User-Agent where it lives, in a private network or not, and nobody asks there. */
const ASKED = ~PLACE.userAgent;

export const serverRequest: Signal = {
  name: "server_request",
  family: "ssrf",
  needs: 0,
  any: TRAIT.slash | TRAIT.backslash | TRAIT.dot | TRAIT.colon,
  hint:
    /[:\\\/]{2}|169\.254|metadata|localhost|127\.|gopher|dict|jar:|netdoc|url:|\.(?:nip|sslip|xip)\.io|localtest|oast|burpcollab|interact\.sh|::/,
  rules: [
    {
      id: "metadata",
      confidence: 0.96,
      pattern:
        /169\.254\.(?:169\.254|170\.2)|\bmetadata\.(?:google|tencentyun|packet|goog|azure)|\/latest\/(?:meta-data|user-data|dynamic|api\/token)|\/computemetadata\/|\bfd00:ec2::254|100\.100\.100\.200|192\.0\.0\.192|\b(?:2852039166|0xa9fea9fe|0251\.0376|025177524776|0xa9\.0xfe)\b|\bkubernetes\.default\b|instance-data\b|\/metadata\/(?:instance|v1|identity)/,
      why: "the cloud's metadata service",
    },
    {
      id: "loopback",
      confidence: 0.86,
      places: ASKED,
      pattern:
        /(?:^|[\s"'=(@,\/\\])(?:https?|wss?|ftp|tcp|udp):[\\\/]{0,4}(?:[^\s\/\\@"'<>]{0,80}@)?(?:localhost|127\.\d{1,3}(?:\.\d{1,3}){0,2}|0(?:\.0){0,3}|\[?::(?:1|ffff:[\w.:]{3,20}|)?\]|\[0{0,4}:[0:]{2,30}1?\]|0x7f[\da-fx.]{0,20}|0177[.\d]{0,16}|2130706433|017700000001|\d{8,12}|0x[\da-f]{8,10}|127\.\d)(?:[:\/?#\\\s"'<>%)]|$)/,
      why: "this machine's own address",
    },
    {
      id: "loopback_bare",
      confidence: 0.82,
      pattern:
        /^[\\\/]{2,4}(?:localhost|127\.\d[\d.]{0,12}|\d{8,12}|0x[\da-f]{8}|\[::\d?\]|10\.\d{1,3}\.\d{1,3}\.\d{1,3}|172\.\d{2}\.\d{1,3}\.\d{1,3}|0\d{2,3}\.|\[::|192\.168\.\d{1,3}\.\d{1,3})|^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(?:2[0-9]|11[01]|143|389|445|1433|1521|2375|2379|3306|5432|5984|6379|8500|9000|9200|9300|10250|11211|27017)\b/,
      why: "this machine's own address",
    },
    {
      id: "private",
      confidence: 0.84,
      places: ASKED,
      pattern:
        /(?:^|[\s"'=(@,\/])(?:https?|ftp):[\\\/]{1,4}(?:[^\s\/\\@"'<>]{0,80}@)?(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2}|\[f[cde][\da-f:]{2,40}\])(?:[:\/?#\\\s"'<>]|$)/,
      why: "an address inside the network",
    },
    {
      id: "scheme",
      confidence: 0.9,
      pattern:
        /(?:^|[\s"'=(@,;])(?:gopher|dict|ldaps?|ldapi|tftp|jar|netdoc|sftp|expect|imap|pop3|smtp|telnet|rtsp|svn|redis|memcache|mongodb|docker|unix|local_file|url:file|url:https?):(?:\/{1,3}|https?:)[^\s]{0,200}/,
      why: "a scheme no browser follows",
    },
    {
      id: "rebinding",
      confidence: 0.88,
      pattern:
        /(?:\d{1,3}[.-]){3}\d{1,3}\.(?:nip|sslip|xip)\.io|\blocaltest\.me\b|\blvh\.me\b|\bspoofed\.burpcollaborator|\b(?:\w+\.)?(?:oast(?:ify)?|interact|burpcollaborator|requestbin|dnslog|ceye|pipedream|webhook)\.(?:com|net|fun|pro|live|me|sh|site|online|cn|io)\b|\blocaldomain\b|\b1u\.ms\b|\brbndr\.us\b/,
      why: "a name that resolves inside the network",
    },
    {
      id: "odd_address",
      confidence: 0.86,
      places: ASKED,
      pattern:
        /https?:[\\\/]{1,4}(?:[^\s\/\\@]{0,60}@)?(?:0x[\da-f]{1,2}\.|0[0-7]{2,3}\.|\d{1,3}\.0x|\d{9,10}(?:[:\/]|$)|[qo0]{0,2}\d{3}\.0\.0\.1|\[[\da-f:.]{2,45}\])/,
      why: "an address in an odd notation",
    },
    {
      id: "two_hosts",
      confidence: 0.82,
      pattern:
        /https?:[\\\/]{1,4}(?:[\w.:-]{3,60}[\\#?&;%\s]{1,4}|[\w-]{1,40}\.[\w.-]{2,40}(?::\d{1,5})?)@[@\w.\[:-]{3,60}(?:[\/:]|$)|https?:\\\\|https?:\/\/[^\s\/]{1,60}(?:#|\\)@|https?:\/{3,}\d/,
      why: "a URL with two hosts",
    },
    {
      id: "internal_name",
      confidence: 0.82,
      places: ASKED,
      pattern:
        /https?:\/\/(?:[\w-]{1,40}\.)?(?:internal|intranet|corp|admin|backend|consul|vault|redis|elasticsearch|rancher-metadata|jenkins|gitlab|kibana|grafana|prometheus|etcd|db)(?::\d{2,5})?(?:\/|$)/,
      why: "a name inside the network",
    },
  ],
};
