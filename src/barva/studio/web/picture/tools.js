// What a pointer draws, by tool. A gesture ends as one message; until then it is a line on the picture.

import { boxBetween, clamp, round, simplify } from "./geometry.js";
import { drawBox, drawLine, pathThrough } from "./lines.js";

/** The gesture under way, with any tool but the hand. */
export class Gesture {
  /** @param {Tool} tool @param {Place} place photo's pixels @param {import("./view.js").View} view @param {Mode} mode */
  constructor(tool, place, view, mode) {
    this.tool = tool;
    this.view = view;
    this.mode = mode;
    this.places = [place];
  }

  /** @param {Place} place photo's pixels */
  move([x, y]) {
    const { width, height } = this.view.photo;
    this.places.push([clamp(x, 0, width), clamp(y, 0, height)]);
  }

  get box() {
    return boxBetween(this.places[0], this.places[this.places.length - 1]);
  }

  /** What was drawn, in the photo's pixels, or null where it is too small to mean anything.
   * @param {boolean} clicked @param {number} radius of a brush, CSS pixels @returns {Shape | null} */
  end(clicked, radius) {
    const { tool, mode, box } = this;
    /** @type {Place[]} */
    const along = simplify(this.places, 0.6 / this.view.scale).map(([x, y]) => [round(x), round(y)]);
    const width = round((2 * radius) / this.view.scale);
    switch (tool) {
      case "point":
        return { kind: "point", at: along[0] };
      case "stroke":
        return { kind: "stroke", along, width };
      case "box":
        return clicked || box[2] - box[0] < 2 || box[3] - box[1] < 2 ? null : { kind: "box", box };
      case "lasso":
        return along.length < 3 ? null : { kind: "region", op: "lasso", along, mode };
      case "brush":
        return { kind: "region", op: "brush", along, width, mode };
      default:
        return { kind: "region", op: "grow", at: along[0], mode };
    }
  }

  /** Draw it into `c`, whose units are CSS pixels.
   * @param {CanvasRenderingContext2D} c @param {number} radius @param {string} color */
  draw(c, radius, color) {
    if (this.tool === "stroke" || this.tool === "brush") {
      c.save();
      c.globalAlpha = 0.45;
      c.lineWidth = radius * 2;
      c.lineCap = c.lineJoin = "round";
      c.strokeStyle = this.mode === "cut" ? "#000" : color || "#fff";
      pathThrough(c, this.view, this.places);
      c.stroke();
      c.restore();
    } else if (this.tool === "box") drawBox(c, this.view, this.box, color);
    else if (this.tool === "lasso") drawLine(c, this.view, [...this.places, this.places[0]], "");
  }
}
