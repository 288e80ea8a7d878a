/**
 * The rest of a request: the middle of what is long, and all values after so many that their number
 * alone would be too dear. It is joined, decoded together and read where an attack could begin.
 */
import { BORDER } from "./beginnings.ts";
import { decode } from "./decode.ts";
import type { Effort } from "./sql/effort.ts";
import { spotsOf } from "./spots.ts";
import { PLACE, squeeze, Value } from "./value.ts";

interface Part {
  readonly place: number;
  readonly field: string;
  readonly text: string;
  readonly tricks: number;
  readonly quoted: boolean;
  readonly prose?: 0 | 1 | 2;
  /** Whether there is so much of it for its length alone. */
  readonly isLong?: boolean;
}

interface Raw {
  readonly place: number;
  readonly wrapped: boolean;
  readonly isLong: boolean;
  readonly texts: string[];
}

const PLUS = PLACE.query | PLACE.form;

export class Rest {
  readonly #parts: Part[] = [];
  readonly #raw = new Map<string, Raw>();

  /** A text that is decoded already, cut out of a longer one. */
  add(place: number, field: string, text: string, quoted: boolean, prose: 0 | 1 | 2): void {
    this.#parts.push({ place, field, text, tricks: 0, quoted, prose });
  }

  /** A whole value as it was sent; `isLong` when it lies in the middle of a long body. */
  addRaw(place: number, wrapped: boolean, text: string, isLong = false): void {
    const key = `${place} ${wrapped} ${isLong}`;
    const known = this.#raw.get(key);
    if (known) known.texts.push(text);
    else this.#raw.set(key, { place, wrapped, isLong, texts: [text] });
  }

  /** What is to be examined of it, and whether there was more. */
  *values(effort: Effort): Generator<{ value: Value; isPartial: boolean }> {
    for (const { place, field, text, tricks, quoted, prose, isLong } of this.#allParts()) {
      const spots = spotsOf(text);
      const { texts } = spots;
      // Nobody is refused for the length of an honest text.
      const isPartial = spots.isPartial && !isLong;
      for (const spot of texts) {
        yield {
          value: new Value(place, field, spot, tricks, effort, { quoted, prose }),
          isPartial,
        };
      }
    }
  }

  *#allParts(): Generator<Part> {
    yield* this.#parts;
    for (const { place, wrapped, isLong, texts } of this.#raw.values()) {
      const joined = squeeze(texts.join(BORDER));
      const { text, tricks } = decode(joined, wrapped, wrapped && (place & PLUS) !== 0);
      yield { place, field: "rest", text, tricks, quoted: false, isLong };
    }
  }
}
