// One layer of the picture ("photo": as it was, "color": colored): a small whole, and tiles where one looks closer.
// A new version is fetched whole before it replaces the old one, so that the picture never shows two versions at once.

const AT_A_TIME = 6;
const KEPT = 160;
const SOONEST = 1000, LATEST = 30_000; // milliseconds until a tile that failed is tried again, twice as long each time

/** What is known of one version: the small whole and the tiles fetched so far. */
class Version {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
    /** @type {ImageBitmap | null} */
    this.base = null;
    /** @type {Map<string, ImageBitmap | null>} null while it is being fetched */
    this.tiles = new Map();
    /** @type {Map<string, { wait: number, rests: boolean }>} tiles that failed; one that rests is not to be fetched yet */
    this.failed = new Map();
    this.abort = new AbortController();
  }

  close() {
    this.abort.abort();
    this.base?.close();
    for (const tile of this.tiles.values()) tile?.close();
    this.tiles.clear();
  }
}

export class Layer {
  /** @param {Photo} photo
   * @param {(version: number, what: string) => string} address of "base" or of a tile "level/column/row"
   * @param {() => void} changed asks for a new drawing
   * @param {() => string[]} visible keys of the tiles that are seen */
  constructor(photo, address, changed, visible) {
    this.photo = photo;
    this.address = address;
    this.changed = changed;
    this.visible = visible;
    /** @type {Version | null} */
    this.shown = null;
    /** @type {Version | null} */
    this.coming = null;
    /** @type {number | null} */
    this.latest = null;
    this.busy = 0;
    this.closed = false;
  }

  close() {
    this.closed = true;
    this.shown?.close();
    this.coming?.close();
  }

  /** Show version `number` as soon as all that is visible of it is here. @param {number} number */
  show(number) {
    this.latest = number;
    if (!this.coming) this.#next();
  }

  get number() {
    return this.shown?.number ?? null;
  }

  async #next() {
    if (this.closed || this.latest === null || this.latest === this.number) return;
    const coming = (this.coming = new Version(this.latest));
    try {
      coming.base = await this.#fetch(coming, "base");
      await Promise.all(this.visible().map((key) => this.#tile(coming, key)));
    } catch (error) {
      this.coming = null;
      coming.close();
      const aborted = error instanceof DOMException && error.name === "AbortError";
      if (!this.closed && !aborted) setTimeout(() => this.#next(), 1000);
      return;
    }
    if (this.closed) return coming.close();
    const old = this.shown;
    this.shown = coming;
    this.coming = null;
    this.changed();
    old?.close();
    this.#next();
  }

  /** @param {Version} version @param {string} what */
  async #fetch(version, what) {
    const response = await fetch(this.address(version.number, what), { signal: version.abort.signal });
    if (!response.ok) throw new Error(`${response.status}`);
    return createImageBitmap(await response.blob());
  }

  /** @param {Version} version @param {string} key */
  async #tile(version, key) {
    if (version.tiles.has(key)) return;
    version.tiles.set(key, null);
    this.busy++;
    try {
      const image = await this.#fetch(version, key);
      if (version.abort.signal.aborted) return image.close();
      version.tiles.set(key, image);
      version.failed.delete(key);
      for (const [old, tile] of version.tiles) {
        if (version.tiles.size <= KEPT) break;
        tile?.close();
        version.tiles.delete(old);
      }
    } catch (error) {
      version.tiles.delete(key);
      this.#rest(version, key); // before `changed`, whose drawing would fetch it again at once
      throw error;
    } finally {
      this.busy--;
      this.changed();
    }
  }

  /** Leave a tile that failed alone for a while. @param {Version} version @param {string} key */
  #rest(version, key) {
    const { signal } = version.abort;
    if (signal.aborted) return;
    const failed = { wait: Math.min(2 * (version.failed.get(key)?.wait ?? SOONEST / 2), LATEST), rests: true };
    version.failed.set(key, failed);
    setTimeout(() => {
      failed.rests = false;
      if (!signal.aborted) this.changed(); // the drawing fetches it, if it is still seen
    }, failed.wait);
  }

  /** Draw into `c`, whose units are the photo's pixels; `keys` are the tiles that are seen.
   * @param {CanvasRenderingContext2D} c @param {string[]} keys @param {boolean} grain whether pixels are shown as they are */
  draw(c, keys, grain) {
    const version = this.shown;
    if (!version?.base) return;
    c.imageSmoothingEnabled = !grain;
    c.imageSmoothingQuality = "high";
    c.drawImage(version.base, 0, 0, this.photo.width, this.photo.height);
    for (const key of keys) {
      const tile = version.tiles.get(key);
      if (!tile) {
        if (tile === undefined && this.busy < AT_A_TIME && !version.failed.get(key)?.rests) this.#tile(version, key).catch(() => {});
        continue;
      }
      const [level, column, row] = key.split("/").map(Number);
      const side = this.photo.tile * 2 ** level;
      const left = column * side, top = row * side;
      // tiles at the far borders hold fewer pixels
      const right = Math.min(left + side, this.photo.width), bottom = Math.min(top + side, this.photo.height);
      c.drawImage(tile, left, top, right - left, bottom - top);
    }
  }
}

/** Both layers of a photo: as it was, and colored. `visible()` gives the keys of the tiles that are seen.
 * @param {Photo} photo @param {() => void} changed @param {() => string[]} visible */
export function layersOf(photo, changed, visible) {
  /** @param {string} whole @param {string} tiles */
  const layer = (whole, tiles) =>
    new Layer(photo, (version, what) => `${photo.address}/${what === "base" ? whole : `tiles/${tiles}/${what}`}?of=${version}`, changed, visible);
  return { photo: layer("light", "light"), color: layer("preview", "color") };
}
