// Veils over the whole photo: where the method is unsure, and what is selected.

const NO_SUCH_VEIL = 422; // the method does not know where it is unsure

export class Veils {
  /** @param {() => void} changed @param {(name: string) => void} missing called where there is no such veil */
  constructor(changed, missing) {
    this.changed = changed;
    this.missing = missing;
    /** @type {Record<string, string>} */
    this.addresses = {};
    /** @type {Record<string, ImageBitmap | null>} */
    this.pictures = {};
  }

  /** Fetch what `name` shows now; an empty address takes it away. @param {string} name @param {string} address */
  async set(name, address) {
    this.addresses[name] = address;
    let picture = null;
    if (address) {
      const response = await fetch(address).catch(() => null);
      if (response?.ok) picture = await createImageBitmap(await response.blob());
      if (this.addresses[name] !== address) return;
      if (response?.status === NO_SUCH_VEIL) this.missing(name);
    }
    this.pictures[name] = picture;
    this.changed();
  }

  /** Draw those of `names` into `c`, in CSS pixels.
   * @param {CanvasRenderingContext2D} c @param {string[]} names @param {number} left @param {number} top
   * @param {number} width @param {number} height */
  draw(c, names, left, top, width, height) {
    for (const name of names) {
      const picture = this.pictures[name];
      if (picture) c.drawImage(picture, left, top, width, height);
    }
  }
}
