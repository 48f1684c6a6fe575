// Where the photo lies on the screen, and the gestures that move it: wheel, two fingers, drag with the hand.

const MOST = 32;
const SLOP = 5; // CSS pixels that a click may wander

export class View {
  constructor(stage, photo, changed) {
    Object.assign(this, { stage, photo, changed });
    this.scale = 1; // CSS pixels a photo's pixel
    this.x = 0; // of the photo's corner, CSS pixels from the stage's
    this.y = 0;
    this.fitted = true;
  }

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

  /** Zoom so that the place at (x, y) CSS pixels stays where it is. */
  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    const low = Math.min(this.fitScale(), 1) / 2;
    const scale = Math.max(low, Math.min(MOST, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#hold();
  }

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
    this.x = Math.max(margin - w, Math.min(width - margin, this.x));
    this.y = Math.max(margin - h, Math.min(height - margin, this.y));
    this.changed();
  }

  toPhoto(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  toStage(x, y) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  /** What of the photo is in sight, in its pixels. */
  seen() {
    const { width, height } = this.size;
    const [left, top] = this.toPhoto(0, 0), [right, bottom] = this.toPhoto(width, height);
    return { left, top, right, bottom };
  }

  covers([x, y]) {
    return x >= 0 && y >= 0 && x < this.photo.width && y < this.photo.height;
  }
}

/**
 * Mouse, pen and fingers on the stage. One pointer draws or pans, two fingers zoom and pan.
 * `hands` = { begin(place, event) -> "pan" | "draw", move(place, event), end(place, event, clicked), cancel(), view() }.
 */
export function gestures(stage, hands) {
  const down = new Map();
  let what = null, start = null, wandered = false, spread = null;
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-own]") || !hands.view()) return;
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    if (down.size === 2) {
      if (what === "draw") hands.cancel();
      what = "pinch";
      spread = pinch(down);
      return;
    }
    if (down.size > 2) return;
    start = at(event);
    wandered = false;
    what = event.button === 1 ? "pan" : hands.begin(start, event);
  });

  stage.addEventListener("pointermove", (event) => {
    const place = at(event);
    if (!down.has(event.pointerId)) return hands.hover?.(place, event);
    const before = down.get(event.pointerId);
    down.set(event.pointerId, place);
    if (what === "pinch" && down.size >= 2) {
      const now = pinch(down), view = hands.view();
      view.pan(now.x - spread.x, now.y - spread.y);
      view.zoom(now.distance / Math.max(spread.distance, 1), now.x, now.y);
      spread = now;
      return;
    }
    if (Math.hypot(place[0] - start[0], place[1] - start[1]) > SLOP) wandered = true;
    if (what === "pan") hands.view().pan(place[0] - before[0], place[1] - before[1]);
    else if (what === "draw" && wandered) hands.move(place, event);
  });

  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (what === "draw") {
      if (event.type === "pointercancel") hands.cancel();
      else hands.end(at(event), event, !wandered);
    }
    if (!down.size || what !== "pinch") what = null;
  };
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);

  stage.addEventListener("wheel", (event) => {
    const view = hands.view();
    if (!view || event.target.closest("[data-own]")) return;
    event.preventDefault();
    const [x, y] = at(event);
    const unit = event.deltaMode === 1 ? 18 : 1;
    // a trackpad's two fingers pan, its pinch arrives with Ctrl; a wheel's steps are large and straight
    const wheel = event.ctrlKey || (event.deltaX === 0 && Math.abs(event.deltaY * unit) >= 40);
    if (wheel) view.zoom(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0018)), x, y);
    else view.pan(-event.deltaX * unit, -event.deltaY * unit);
  }, { passive: false });
}

function pinch(down) {
  const [p, q] = [...down.values()];
  return { x: (p[0] + q[0]) / 2, y: (p[1] + q[1]) / 2, distance: Math.hypot(p[0] - q[0], p[1] - q[1]) };
}
