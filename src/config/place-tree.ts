import type { SettingPath } from './problem.ts';
import type { Span } from './locate-node.ts';

/** Where the pieces of a text stand, put down while it is read. Numbers in one list: an object each would take as long as the reading. */
export interface PlaceTree extends PlaceWriter {
  /** As `locateNode` does. `nameAt` reads the key that stands at a span. */
  locate(path: SettingPath, part: 'key' | 'value', nameAt: (from: number, to: number) => string): Span;
}

export interface PlaceWriter {
  /** Begins a value, of a map with its key. What is begun before it is closed lies within it; `from` and `to` are what is pointed at. */
  open(key: { readonly from: number; readonly to: number } | undefined, from: number, to: number): number;
  /** With the true end, where it was not known before. */
  close(place: number, to?: number): void;
}

/** For a text of which nothing will be pointed at. */
export const noPlaces: PlaceWriter = { open: () => 0, close: () => undefined };

// What is known of each value.
const keyFrom = 0;
const keyTo = 1;
const valueFrom = 2;
const valueTo = 3;
/** The place behind it and all that lies within. */
const behind = 4;
const size = 5;

export function createPlaceTree(): PlaceTree {
  // Offsets of a text of a few megabytes at most.
  let numbers = new Int32Array(256 * size);
  let end = 0;
  // A list of thousands is not counted through for each of its items.
  const within = new Map<number, readonly number[]>();
  const of = (place: number, field: number): number => numbers[place + field] ?? 0;

  function childrenOf(place: number): readonly number[] {
    const known = within.get(place);
    if (known !== undefined) return known;
    const children: number[] = [];
    for (let child = place + size; child < of(place, behind); child = of(child, behind)) children.push(child);
    within.set(place, children);
    return children;
  }

  return {
    open(key, from, to) {
      const place = end;
      end += size;
      if (end > numbers.length) numbers = twiceAsLong(numbers);
      numbers[place + keyFrom] = key === undefined ? -1 : key.from;
      numbers[place + keyTo] = key === undefined ? -1 : key.to;
      numbers[place + valueFrom] = from;
      numbers[place + valueTo] = to;
      return place;
    },
    close(place, to) {
      if (to !== undefined) numbers[place + valueTo] = to;
      numbers[place + behind] = end;
    },
    locate(path, part, nameAt) {
      let place = 0;
      let whole = true;
      for (const step of path) {
        const children = childrenOf(place);
        const isList = children[0] !== undefined && of(children[0], keyFrom) === -1;
        const child = isList
          ? children[typeof step === 'number' ? step : -1]
          : children.find((each) => nameAt(of(each, keyFrom), of(each, keyTo)) === String(step));
        if (child === undefined) {
          whole = false;
          break;
        }
        place = child;
      }
      const isEmpty = of(place, valueFrom) === of(place, valueTo);
      const showsKey = of(place, keyFrom) !== -1 && ((part === 'key' && whole) || isEmpty);
      return showsKey ? [of(place, keyFrom), of(place, keyTo)] : [of(place, valueFrom), of(place, valueTo)];
    },
  };
}

function twiceAsLong(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
