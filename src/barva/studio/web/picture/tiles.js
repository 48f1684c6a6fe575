// One layer of the picture ("photo": as it was, "color": coloured): a small whole, and tiles where one looks closer.
// A new version is fetched whole before it replaces the old one, so that the picture never shows two versions at once.

const AT_A_TIME = 6;
const KEPT = 160;

/** What is known of one version: the small whole and the tiles fetched so far. */
class Version {
  constructor(number) {
    this.number = number;
    this.base = null;
    this.tiles = new Map();
    this.abort = new AbortController();
  }

  close() {
    this.abort.abort();
    this.base?.close();
    for (const tile of this.tiles.values()) tile?.close?.();
    this.tiles.clear();
  }
}

export class Layer {
  /** `address(what)` gives the address of "base" or "level/column/row"; `changed()` asks for a new drawing. */
  constructor(photo, address, changed) {
    Object.assign(this, { photo, address, changed });
    this.shown = null;
    this.coming = null;
    this.wanted = null;
    this.busy = 0;
    this.closed = false;
  }

  close() {
    this.closed = true;
    this.shown?.close();
    this.coming?.close();
  }

  /** Show version `number` as soon as all that is visible of it is here. */
  show(number) {
    this.wanted = number;
    if (!this.coming) this.#next();
  }

  get number() {
    return this.shown?.number ?? null;
  }

  async #next() {
    if (this.closed || this.wanted === null || this.wanted === this.number) return;
    const coming = (this.coming = new Version(this.wanted));
    try {
      coming.base = await this.#fetch(coming, "base");
      const visible = this.visible?.() ?? [];
      await Promise.all(visible.map((key) => this.#tile(coming, key)));
    } catch (error) {
      this.coming = null;
      coming.close();
      if (!this.closed && error.name !== "AbortError") setTimeout(() => this.#next(), 1000);
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

  async #fetch(version, what) {
    const answer = await fetch(this.address(version.number, what), { signal: version.abort.signal });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return createImageBitmap(await answer.blob());
  }

  async #tile(version, key) {
    if (version.tiles.has(key)) return;
    version.tiles.set(key, null);
    this.busy++;
    try {
      const image = await this.#fetch(version, key);
      if (version.abort.signal.aborted) return image.close();
      version.tiles.set(key, image);
      for (const [old, tile] of version.tiles) {
        if (version.tiles.size <= KEPT) break;
        tile?.close();
        version.tiles.delete(old);
      }
    } catch (error) {
      version.tiles.delete(key);
      throw error;
    } finally {
      this.busy--;
      this.changed();
    }
  }

  /** Draw into `c`, whose units are the photo's pixels; `keys` are the tiles that are seen, coarse ones first. */
  draw(c, keys, grain) {
    const version = this.shown;
    if (!version?.base) return;
    c.imageSmoothingEnabled = !grain;
    c.imageSmoothingQuality = "high";
    c.drawImage(version.base, 0, 0, this.photo.width, this.photo.height);
    for (const key of keys) {
      const tile = version.tiles.get(key);
      if (!tile) {
        if (tile === undefined && this.busy < AT_A_TIME) this.#tile(version, key).catch(() => {});
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

/** Both layers of a photo: as it was, and coloured. `visible()` gives the keys of the tiles that are seen. */
export function layered(photo, changed, visible) {
  const made = (whole, tiles) => {
    const address = (version, what) => `${photo.address}/${what === "base" ? whole : `tiles/${tiles}/${what}`}?of=${version}`;
    return Object.assign(new Layer(photo, address, changed), { visible });
  };
  return { photo: made("light", "light"), color: made("preview", "color") };
}

/** Keys "level/column/row" of the tiles that `seen` (photo's pixels) needs at `scale` device pixels a photo's pixel. */
export function needed(photo, seen, scale) {
  if (scale <= (photo.base / photo.width) * 1.1) return [];
  const level = Math.max(0, Math.min(photo.levels - 1, Math.floor(Math.log2(1 / scale) + 0.15)));
  if (photo.width / 2 ** level <= photo.base) return [];
  const side = photo.tile * 2 ** level;
  const keys = [];
  for (let row = Math.floor(Math.max(0, seen.top) / side); row * side < Math.min(seen.bottom, photo.height); row++)
    for (let column = Math.floor(Math.max(0, seen.left) / side); column * side < Math.min(seen.right, photo.width); column++)
      keys.push(`${level}/${column}/${row}`);
  return keys;
}
