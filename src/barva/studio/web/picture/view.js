// Where the photo lies on the screen.

import { clamp } from "./geometry.js";

const MOST = 32; // CSS pixels a photo's pixel

/** @typedef {{ width: number, height: number }} Size */

export class View {
  /** @param {{ clientWidth: number, clientHeight: number }} stage @param {Size} photo @param {() => void} changed */
  constructor(stage, photo, changed) {
    this.stage = stage;
    this.photo = photo;
    this.changed = changed;
    this.scale = 1; // CSS pixels a photo's pixel
    this.x = 0; // of the photo's corner, CSS pixels from the stage's
    this.y = 0;
    this.fitted = true;
  }

  /** @returns {Size} */
  get size() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  /** What stays free around a photo that is fitted, CSS pixels: below it lie the hint and the zoom buttons. */
  get air() {
    const { width, height } = this.size;
    return Math.min(width, height) < 500 ? { side: 12, top: 12, bottom: 50 } : { side: 32, top: 24, bottom: 52 };
  }

  fitScale() {
    const { width, height } = this.size;
    const { side, top, bottom } = this.air;
    return Math.max(1e-4, Math.min((width - 2 * side) / this.photo.width, (height - top - bottom) / this.photo.height, MOST));
  }

  fit() {
    const { width, height } = this.size;
    this.scale = this.fitScale();
    this.x = (width - this.photo.width * this.scale) / 2;
    const { top, bottom } = this.air;
    this.y = top + (height - top - bottom - this.photo.height * this.scale) / 2;
    this.fitted = true;
    this.changed();
  }

  /** Zoom so that the place at `at` CSS pixels stays where it is; without one, the middle of the stage.
   * @param {number} factor @param {Place} [at] */
  zoom(factor, at) {
    const [x, y] = at ?? [this.size.width / 2, this.size.height / 2];
    const low = Math.min(this.fitScale(), 1) / 2;
    const scale = clamp(this.scale * factor, low, MOST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#hold();
  }

  /** @param {number} dx @param {number} dy CSS pixels */
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.#hold();
  }

  /** Some of the photo stays in sight. */
  #hold() {
    const { width, height } = this.size, margin = 60;
    const w = this.photo.width * this.scale, h = this.photo.height * this.scale;
    this.x = clamp(this.x, margin - w, width - margin);
    this.y = clamp(this.y, margin - h, height - margin);
    this.changed();
  }

  /** @param {Place} place CSS pixels @returns {Place} */
  toPhoto([x, y]) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** @param {Place} place photo's pixels @returns {Place} */
  toStage([x, y]) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  /** What of the photo is in sight, in its pixels. */
  seen() {
    const { width, height } = this.size;
    const [left, top] = this.toPhoto([0, 0]), [right, bottom] = this.toPhoto([width, height]);
    return { left, top, right, bottom };
  }

  /** @param {Place} place photo's pixels */
  covers([x, y]) {
    return x >= 0 && y >= 0 && x < this.photo.width && y < this.photo.height;
  }
}
