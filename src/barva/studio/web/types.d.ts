// Types that several modules share, and the globals that the page's framework brings.

/** x, y in the photo's pixels or in CSS pixels of the stage. */
type Place = [number, number];
/** left, top, right, bottom */
type Box = [number, number, number, number];
/** sRGB 0..255 */
type Rgb = [number, number, number];
/** L 0..100, a, b */
type Lab = [number, number, number];

/** Labels in the page's language, by key. */
type Words = Record<string, string>;
/** Sends an event to the server's page. */
type Emit = (event: string, data?: Record<string, unknown>) => void;

type Tool = "hand" | "point" | "stroke" | "box" | "grow" | "lasso" | "brush";
/** What a selection does to the one before: replaces it, joins it, is cut out of it. */
type Mode = "new" | "add" | "cut";
/** Who chose a color. */
type Origin = "user" | "network" | "reference";

interface Photo {
  key: string;
  address: string;
  width: number;
  height: number;
  /** width of the small whole, pixels */
  base: number;
  /** side of a tile, pixels */
  tile: number;
  levels: number;
  /** of the colored picture; 0 where there is none yet */
  version: number;
}

/** A mark or an object on the photo, as the page has it. */
interface Mark {
  id: string;
  kind: string;
  color: string;
  /** null for an object that lies nowhere */
  handle: Place | null;
  label: string;
  title?: string;
  name?: string;
  off?: boolean;
  along?: Place[];
  box?: Box;
  width?: number;
}

/** What a gesture drew; a region is a step of a selection, all else a mark to come. */
type Shape =
  | { kind: "point"; at: Place }
  | { kind: "stroke"; along: Place[]; width: number }
  | { kind: "box"; box: Box }
  | { kind: "region"; op: string; mode: Mode; at?: Place; along?: Place[]; width?: number };

/** An edit on its way: number `n` of its sender, for the photo `work`. `sent`, `first`: when, milliseconds. */
interface Edit {
  n: number;
  work: string;
  event: string;
  data: Record<string, any>;
  sent: number;
  first?: number;
}

/** One photo in a list. */
interface Row {
  key: string;
  name: string;
  state: string;
  text: string;
  thumb: string;
  stays?: boolean; // a key frame of a film cannot be removed
}

interface Socket {
  connected: boolean;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** NiceGUI's connection, which it makes after its elements. */
interface Window {
  socket?: Socket;
  did_handshake?: boolean;
}

declare const Vue: {
  h(tag: string, attributes: object, children: unknown): unknown;
  markRaw<T>(value: T): T;
  toRaw<T>(value: T): T;
};

/** What our components use of a Vue component's `this`. */
interface Component {
  $el: any;
  $attrs: Record<string, unknown>;
  $slots: { default?: () => unknown };
  $emit(event: string, data: unknown): void;
  $watch(name: string, changed: (value: unknown) => void, options: { deep: boolean }): void;
}
