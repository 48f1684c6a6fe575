// Mouse, pen and fingers on the stage. One pointer draws or pans, two fingers zoom and pan; so does a wheel.

import { around } from "./dom.js";

const SLOP = 5; // CSS pixels that a click may wander

/**
 * What the picture does at gestures; places are in CSS pixels of the stage.
 * @typedef {object} Actions
 * @property {() => import("./view.js").View | null} view
 * @property {(place: Place, event: PointerEvent) => "pan" | "draw" | "nothing"} begin what the pointer does from now on
 * @property {(place: Place) => void} move
 * @property {(clicked: boolean) => void} end
 * @property {() => void} cancel
 * @property {(place: Place, event: PointerEvent) => void} hover
 */

/** @param {HTMLElement} stage @param {Actions} actions */
export function listenToGestures(stage, actions) {
  /** @param {MouseEvent} event @returns {Place} */
  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  listenToPointers(stage, actions, at);
  stage.addEventListener("wheel", (event) => {
    const view = actions.view();
    if (!view || around(event, "[data-own]")) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 18 : 1;
    // a trackpad's two fingers pan, its pinch arrives with Ctrl; a wheel's steps are large and straight
    const wheel = event.ctrlKey || (event.deltaX === 0 && Math.abs(event.deltaY * unit) >= 40);
    if (wheel) view.zoom(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0018)), at(event));
    else view.pan(-event.deltaX * unit, -event.deltaY * unit);
  }, { passive: false });
}

/** @param {HTMLElement} stage @param {Actions} actions @param {(event: MouseEvent) => Place} at */
function listenToPointers(stage, actions, at) {
  /** @type {Map<number, Place>} */
  const down = new Map();
  /** @type {"pan" | "draw" | "pinch" | "nothing"} */
  let action = "nothing";
  /** @type {Place} */
  let start = [0, 0];
  let wandered = false, before = pinchOf(down);

  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return; // the right button and those at the side are the browser's
    if (around(event, "[data-own]") || !actions.view()) return;
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    if (down.size === 2) {
      if (action === "draw") actions.cancel();
      action = "pinch";
      before = pinchOf(down);
    }
    if (down.size >= 2) return;
    start = at(event);
    wandered = false;
    action = event.button === 1 ? "pan" : actions.begin(start, event);
  });

  stage.addEventListener("pointermove", (event) => {
    const place = at(event), last = down.get(event.pointerId);
    if (!last) return actions.hover(place, event);
    down.set(event.pointerId, place);
    const view = actions.view();
    if (action === "pinch" && down.size >= 2) {
      const now = pinchOf(down);
      view?.pan(now.x - before.x, now.y - before.y);
      view?.zoom(now.distance / Math.max(before.distance, 1), [now.x, now.y]);
      before = now;
      return;
    }
    if (Math.hypot(place[0] - start[0], place[1] - start[1]) > SLOP) wandered = true;
    if (action === "pan") view?.pan(place[0] - last[0], place[1] - last[1]);
    else if (action === "draw" && wandered) actions.move(place);
  });

  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (action === "draw") {
      if (event.type === "pointerup") actions.end(!wandered);
      else actions.cancel();
    }
    if (!down.size || action !== "pinch") action = "nothing";
  };
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);
  // after the other two as well, when the pointer is up already; what lies on the stage loses pointers to it
  stage.addEventListener("lostpointercapture", (event) => event.target === stage && up(event));
}

/** The middle of the first two pointers, and how far they are apart. @param {Map<number, Place>} down */
function pinchOf(down) {
  const [p, q] = [...down.values()];
  if (!p || !q) return { x: 0, y: 0, distance: 0 };
  return { x: (p[0] + q[0]) / 2, y: (p[1] + q[1]) / 2, distance: Math.hypot(p[0] - q[0], p[1] - q[1]) };
}
