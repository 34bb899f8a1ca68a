import type { MapPair, MapRange, MapView, OrderedMap } from "./ordered-map.js";
import { SortedMap } from "./sorted-map.js";

/** An ordered map in memory, for tests and simulation. */
export function memoryMap(): OrderedMap {
  const pairs = new SortedMap<Buffer>();
  const scan = async (range: MapRange): Promise<MapPair[]> => scanPairs(pairs, range);
  return {
    get: (key) => pairs.get(key.toString("latin1")),
    write: async (batch) => {
      for (const { key, value } of batch) {
        if (value === null) pairs.delete(key.toString("latin1"));
        else pairs.set(key.toString("latin1"), Buffer.from(value));
      }
    },
    scan,
    view: () => viewOf(pairs),
    sizeBytes: async () => {
      let size = 0;
      for (const [key, value] of pairs.range("", null)) size += key.length + value.length;
      return size;
    },
    close: async () => {},
  };
}

function viewOf(pairs: SortedMap<Buffer>): MapView {
  const copy = [...pairs.range("", null)];
  const scan = async (range: MapRange): Promise<MapPair[]> => {
    const [from, end] = [range.from.toString("latin1"), range.end.toString("latin1")];
    return take(
      copy.filter(([key]) => key >= from && key < end),
      range,
    );
  };
  return { scan, close: async () => {} };
}

function scanPairs(pairs: SortedMap<Buffer>, range: MapRange): MapPair[] {
  const { from, end } = range;
  return take(pairs.range(from.toString("latin1"), end.toString("latin1")), range);
}

function take(
  pairs: Iterable<[string, Buffer]>,
  { limit, limitBytes }: Pick<MapRange, "limit" | "limitBytes">,
): MapPair[] {
  const found: MapPair[] = [];
  let size = 0;
  for (const [key, value] of pairs) {
    if (found.length === limit || size >= limitBytes) break;
    size += key.length + value.length;
    found.push([Buffer.from(key, "latin1"), value]);
  }
  return found;
}
