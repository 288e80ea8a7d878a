/**
 * SQL's words by the part they play in a sentence, as one letter each (`tokens.ts` says which
 * letters there are). Words that play none are identifiers, and so is every word of prose.
 */

const PARTS: Readonly<Record<string, string>> = {
  U: "union intersect except minus",
  S: "select",
  O: "or xor",
  A: "and",
  /** Comparisons that are words; they are also English, so patterns ask more of them. */
  l: "like rlike regexp ilike glob similar between in is sounds",
  N: "not binary distinct all any some exists prior",
  "+": "div mod collate",
  L: "null true false unknown current_user session_user system_user current_timestamp sysdate",
  F: "from",
  W: "where",
  G: "having group order limit offset procedure into rows",
  E: "case when then else end",
  T: "insert update delete drop create alter exec execute declare truncate shutdown merge call " +
    "waitfor grant revoke begin replace handler rename copy desc describe",
  K: "as by on using join inner outer cross natural with for over",
  D: "table database schema view index procedure trigger login master tablespace function user",
  V: "set values",
};

/** Functions that only an attack has a reason to send: they wait, leak through errors, or act. */
const DANGEROUS =
  "sleep benchmark pg_sleep extractvalue updatexml load_file load_extension xp_cmdshell " +
  "utl_inaddr utl_http dbms_pipe dbms_lock dbms_utility dbms_xmlgen ctxsys randomblob sqlite_version " +
  "json_keys gtid_subset gtid_subtract make_set elt find_in_set exp_bug xmltype make_interval " +
  "database_to_xml query_to_xml pg_read_file pg_ls_dir lo_import lo_export sys_eval sys_exec " +
  "group_concat concat_ws extract_value polygon multipoint geometrycollection linestring " +
  "multilinestring multipolygon regexp_substring st_latfromgeohash procedure_analyse";

const FUNCTIONS =
  "concat char chr nchar ascii ord hex unhex substr substring mid left right length len count sum " +
  "min max avg cast convert version user database schema current_user if ifnull isnull nullif iif " +
  "coalesce md5 sha1 sha2 sha rand floor round pi sin cos abs exp ceil power sqrt lower upper " +
  "trim ltrim rtrim replace repeat reverse instr locate position bin conv decode encode " +
  "aes_encrypt aes_decrypt string_agg array_agg now curdate sysdate last_insert_id row_count " +
  "db_name object_id host_name quotename newid stuff openrowset openquery values strcmp to_char " +
  "to_number rawtohex listagg sys_context table_name space format bit_count crc32 compress " +
  "name_const row json_extract xmlelement sysibm nvl generate_series unicode zeroblob quote total_changes likelihood likely unlikely " +
  "uuid analyse json_array json_object insert interval field lpad rpad decode_oracle date_add date_sub coercibility";

/** Word → letter. */
export const PART_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(PARTS).flatMap(([part, words]) => words.split(" ").map((word) => [word, part])),
);

export const DANGEROUS_FUNCTIONS: ReadonlySet<string> = new Set(DANGEROUS.split(" "));
export const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set(FUNCTIONS.split(" "));
