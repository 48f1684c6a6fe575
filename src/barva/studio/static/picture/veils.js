// Veils over the whole photo: where the method is unsure, and what is selected.

export class Veils {
  constructor(changed) {
    this.changed = changed;
    this.wanted = {};
    this.pictures = {};
  }

  /** Fetch what `name` shows now; an empty address takes it away. */
  async set(name, address) {
    this.wanted[name] = address;
    if (!address) this.pictures[name] = null;
    else {
      const answer = await fetch(address).catch(() => null);
      if (!answer?.ok || this.wanted[name] !== address) return;
      this.pictures[name] = await createImageBitmap(await answer.blob());
    }
    this.changed();
  }

  /** Draw into `c`: left, top, width, height in CSS pixels. */
  draw(c, ...box) {
    for (const name of ["overlay", "selection"]) if (this.pictures[name]) c.drawImage(this.pictures[name], ...box);
  }
}
