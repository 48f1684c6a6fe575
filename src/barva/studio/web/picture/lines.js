// Lines over the picture, dark and light around their color, so that they are seen on anything.

/** @typedef {Pick<import("./view.js").View, "toStage">} Projection */

/** Begin a path through places of the photo; one alone is a dot.
 * @param {CanvasRenderingContext2D} c @param {Projection} view @param {Place[]} places */
export function pathThrough(c, view, places) {
  c.beginPath();
  for (const [i, place] of places.entries()) {
    const [x, y] = view.toStage(place);
    if (i) c.lineTo(x, y);
    else c.moveTo(x, y);
  }
  if (places.length === 1) c.lineTo(...view.toStage([places[0][0] + 0.01, places[0][1]]));
}

/** A line through places of the photo.
 * @param {CanvasRenderingContext2D} c @param {Projection} view @param {Place[]} places @param {string} color */
export function drawLine(c, view, places, color, strong = false) {
  if (!places.length) return;
  pathThrough(c, view, places);
  strokeVisibly(c, color, strong);
}

/** @param {CanvasRenderingContext2D} c @param {Projection} view @param {Box} box @param {string} color */
export function drawBox(c, view, [left, top, right, bottom], color, strong = false) {
  const [x, y] = view.toStage([left, top]), [x2, y2] = view.toStage([right, bottom]);
  c.beginPath();
  c.rect(x, y, x2 - x, y2 - y);
  strokeVisibly(c, color, strong);
}

/** @param {CanvasRenderingContext2D} c @param {string} color @param {boolean} strong */
function strokeVisibly(c, color, strong) {
  c.lineCap = c.lineJoin = "round";
  const [outer, middle, inner] = strong ? [7, 5, 3] : [5, 4, 2];
  strokeAs(c, outer, "rgba(0,0,0,.35)");
  strokeAs(c, middle, "#fff");
  strokeAs(c, inner, color || "#888");
}

/** Stroke the path of `c`. @param {CanvasRenderingContext2D} c @param {number} width @param {string} style */
export function strokeAs(c, width, style) {
  c.lineWidth = width;
  c.strokeStyle = style;
  c.stroke();
}
