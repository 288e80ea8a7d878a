/**
 * Which events are kept in full when there are too many: the first of each type and of each address
 * in a minute, so that neither a flood nor one loud client hides what else happens. All are counted.
 */
import { type Clock, HOUR, MINUTE } from "../time.ts";

export interface EventSample {
  /** Whether this event is among those kept. */
  take(type: string, ip: string | undefined): boolean;
}

/** Bounds an isolate's share of KV: 600 an hour and type, of about 1 KB. */
const PER_MINUTE = 30;
const PER_HOUR = 600;
const PER_ADDRESS = 5;

export function createEventSample(clock: Clock): EventSample {
  let minute = 0;
  let hour = 0;
  const inMinute = new Map<string, number>();
  const inHour = new Map<string, number>();
  const ofAddress = new Map<string, number>();

  const turn = () => {
    const now = clock.now();
    if (minute !== Math.floor(now / MINUTE)) {
      minute = Math.floor(now / MINUTE);
      inMinute.clear();
      ofAddress.clear();
    }
    if (hour !== Math.floor(now / HOUR)) {
      hour = Math.floor(now / HOUR);
      inHour.clear();
    }
  };

  return {
    take(type, ip) {
      turn();
      const address = `${type} ${ip}`;
      const counts = [inMinute.get(type) ?? 0, inHour.get(type) ?? 0, ofAddress.get(address) ?? 0];
      if (counts[0] >= PER_MINUTE || counts[1] >= PER_HOUR) return false;
      if (ip !== undefined && counts[2] >= PER_ADDRESS) return false;
      inMinute.set(type, counts[0] + 1);
      inHour.set(type, counts[1] + 1);
      // No more addresses than events are kept, so it is bounded as they are.
      if (ip !== undefined) ofAddress.set(address, counts[2] + 1);
      return true;
    },
  };
}
