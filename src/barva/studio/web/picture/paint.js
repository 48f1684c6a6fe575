// Drawing: the layers on one canvas, everything that lies over them on another.

const GRAIN = 2.5; // device pixels a photo's pixel from which each is shown as it is

/** The canvas at the stage's size, empty; its context in CSS pixels. */
export function cleared(canvas, stage) {
  const { clientWidth: w, clientHeight: h } = stage, ratio = devicePixelRatio;
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio))
    [canvas.width, canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, w, h);
  return c;
}

/** The photo before and after, with the border between them where that is wanted. */
export function paint(picture, keys) {
  const { stage, view, layers } = picture, { width, height } = view.size;
  const c = cleared(picture.canvas, stage);
  const grain = view.scale * devicePixelRatio >= GRAIN;
  const before = picture.peeking || picture.bare || picture.compare === "before";
  const edge = picture.compare === "split" && !picture.bare ? picture.split.share * width : 0;
  const layer = (found, left, right) => {
    if (!found?.shown || right <= left) return;
    c.save();
    c.beginPath();
    c.rect(left, 0, right - left, height);
    c.clip();
    c.translate(view.x, view.y);
    c.scale(view.scale, view.scale);
    found.draw(c, keys, grain);
    c.restore();
  };
  layer(layers.photo, 0, before || !layers.color?.shown ? width : edge);
  if (!before) layer(layers.color, edge, width);
}

/** Veils, marks, what is being drawn, and the cursor. */
export function overlays(picture) {
  const { view, photo } = picture, o = cleared(picture.over, picture.stage);
  const looking = picture.peeking || picture.judging || picture.compare !== "after"; // colours are compared: nothing over them
  const shown = ["overlay", ...(looking ? [] : ["selection"])];
  picture.veils.draw(o, shown, ...view.toStage(0, 0), photo.width * view.scale, photo.height * view.scale);
  if (picture.peeking) return;
  picture.marks.draw(o, view);
  picture.gesture?.draw(o, picture.radius, picture.popover.recent[0]);
  const brush = ["brush", "stroke"].includes(picture.tool) && !picture.popover.open;
  const at = picture.cursor ?? (brush ? picture.pointer : null);
  if (!at) return;
  o.beginPath();
  if (picture.cursor) for (const [dx, dy] of [[14, 0], [0, 14]]) o.moveTo(at[0] - dx, at[1] - dy), o.lineTo(at[0] + dx, at[1] + dy);
  else o.arc(...at, picture.radius, 0, 7);
  for (const [width, style] of [[3, "rgba(0,0,0,.5)"], [1.5, "#fff"]]) Object.assign(o, { lineWidth: width, strokeStyle: style }), o.stroke();
}
