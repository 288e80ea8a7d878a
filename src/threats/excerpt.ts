/** What an admin is shown of a match: a little text, with anything like a secret taken out. */

const LENGTH_MAX = 60;
const AROUND = 12;

export function excerptOf(text: string, index: number, length: number): string {
  const start = Math.max(0, index - AROUND);
  return text.slice(start, Math.min(index + length + AROUND, start + 2 * LENGTH_MAX))
    .replace(/[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{2,20}){1,3}/g, "<e-mail>")
    .replace(/[a-z0-9_-]{24,}/g, "<token>")
    .replace(/\d{7,}/g, "<digits>")
    .replace(/\s+/g, " ")
    .slice(0, LENGTH_MAX);
}
