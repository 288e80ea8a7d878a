/**
 * Rows as CSV (RFC 4180). Cells are made safe for spreadsheets, which run what begins like a
 * formula: an attacker's user agent in a report must not become a link in an admin's sheet.
 */
import { z } from "zod";

/** Header and cell of each column, in order. */
export type CsvColumns = readonly CsvColumn[];

export interface CsvColumn {
  readonly name: string;
  /** Path into the row: `address.city`. */
  readonly from?: string;
}

export const CSV_TYPE = "text/csv; charset=utf-8";

/** Starts a formula in Excel, Sheets or LibreOffice; tab and return hide such a start. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param rows Plain data, as the JSON answer holds it. */
export function toCsv(columns: CsvColumns, rows: readonly unknown[]): string {
  const lines = [columns.map(({ name }) => cell(name))];
  for (const row of rows) {
    lines.push(columns.map(({ name, from }) => cell(valueAt(row, from ?? name))));
  }
  return lines.map((line) => line.join(",") + "\r\n").join("");
}

function valueAt(row: unknown, path: string): unknown {
  let value = row;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return value;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  // A number is no formula, however it begins.
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : listOrJson(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function listOrJson(value: unknown): string {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isList ? value.join(" ") : JSON.stringify(value);
}

/** `?format=`, which counts before `Accept`. */
export const formatQuery = z.object({ format: z.enum(["json", "csv"]).optional() });

/** Whether the request asks for CSV rather than JSON. */
export function wantsCsv(request: Request): boolean {
  const format = new URL(request.url).searchParams.get("format");
  if (format !== null) return format === "csv";
  return /\btext\/csv\b/i.test(request.headers.get("accept") ?? "");
}
