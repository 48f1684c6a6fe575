// What a pointer draws, by tool. A gesture ends as one message; until then it is a line on the picture.

import { frame, trace } from "./marks.js";

const round = (v) => Math.round(v * 10) / 10;

/** Places with hardly a bend left out (Ramer, Douglas and Peucker), so that messages and files stay small. */
export function simpler(places, far) {
  if (places.length < 3) return places;
  const [x1, y1] = places[0], [x2, y2] = places.at(-1);
  const length = Math.hypot(x2 - x1, y2 - y1);
  let most = 0, where = 0;
  for (let i = 1; i < places.length - 1; i++) {
    const [x, y] = places[i];
    const off = length ? Math.abs((y2 - y1) * x - (x2 - x1) * y + x2 * y1 - y2 * x1) / length : Math.hypot(x - x1, y - y1);
    if (off > most) [most, where] = [off, i];
  }
  if (most <= far) return [places[0], places.at(-1)];
  return [...simpler(places.slice(0, where + 1), far).slice(0, -1), ...simpler(places.slice(where), far)];
}

/** The gesture under way; `tool` is one of point, stroke, box, grow, lasso, brush. */
export class Gesture {
  constructor(tool, place, view, mode) {
    Object.assign(this, { tool, view, mode });
    this.places = [place];
  }

  /** `place` in the photo's pixels. */
  move(place) {
    const { width, height } = this.view.photo;
    this.places.push([Math.max(0, Math.min(width, place[0])), Math.max(0, Math.min(height, place[1]))]);
  }

  get box() {
    const [x, y] = this.places[0], [x2, y2] = this.places.at(-1);
    return [Math.min(x, x2), Math.min(y, y2), Math.max(x, x2), Math.max(y, y2)].map(round);
  }

  /** What it came to: { kind, ... } in the photo's pixels, or null where it is too small to mean anything. */
  end(clicked, radius) {
    const tight = simpler(this.places, 0.6 / this.view.scale).map((p) => p.map(round));
    const width = round((2 * radius) / this.view.scale);
    switch (this.tool) {
      case "point":
        return { kind: "point", at: tight[0] };
      case "stroke":
        return { kind: "stroke", along: tight, width };
      case "box": {
        const [left, top, right, bottom] = this.box;
        return clicked || right - left < 2 || bottom - top < 2 ? null : { kind: "box", box: this.box };
      }
      case "lasso":
        return tight.length < 3 ? null : { kind: "region", op: "lasso", along: tight, mode: this.mode };
      case "brush":
        return { kind: "region", op: "brush", along: tight, width, mode: this.mode };
      default:
        return { kind: "region", op: "grow", at: tight[0], mode: this.mode };
    }
  }

  /** Draw it into `c`, whose units are CSS pixels. */
  draw(c, radius, color) {
    if (this.tool === "stroke" || this.tool === "brush") {
      c.save();
      c.globalAlpha = 0.45;
      c.lineWidth = radius * 2;
      c.lineCap = c.lineJoin = "round";
      c.strokeStyle = this.mode === "cut" ? "#000" : color || "#fff";
      c.beginPath();
      for (const [i, place] of this.places.entries()) c[i ? "lineTo" : "moveTo"](...this.view.toStage(...place));
      if (this.places.length === 1) c.lineTo(...this.view.toStage(this.places[0][0] + 0.01, this.places[0][1]));
      c.stroke();
      c.restore();
    } else if (this.tool === "box") frame(c, this.view, this.box, color);
    else if (this.tool === "lasso") trace(c, this.view, [...this.places, this.places[0]], "");
  }
}
