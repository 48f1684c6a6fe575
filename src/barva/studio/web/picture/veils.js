// Veils over the whole photo: where the method is unsure, and what is selected.

const UNKNOWN = 422; // the method does not say

export class Veils {
  /** `untold(name)` hears that there is no such veil. */
  constructor(changed, untold) {
    Object.assign(this, { changed, untold });
    this.wanted = {};
    this.pictures = {};
  }

  /** Fetch what `name` shows now; an empty address takes it away. */
  async set(name, address) {
    this.wanted[name] = address;
    let picture = null;
    if (address) {
      const answer = await fetch(address).catch(() => null);
      if (answer?.ok) picture = await createImageBitmap(await answer.blob());
      if (this.wanted[name] !== address) return;
      if (answer?.status === UNKNOWN) this.untold(name);
    }
    this.pictures[name] = picture;
    this.changed();
  }

  /** Draw those of `names` into `c`: left, top, width, height in CSS pixels. */
  draw(c, names, ...box) {
    for (const name of names) if (this.pictures[name]) c.drawImage(this.pictures[name], ...box);
  }
}
