// Edits that the server has not done yet, in order. Each has a number; the numbers begin anew, with a new sender, whenever
// nothing is unsent.

import { center, clamp, shiftBox, shiftPlace } from "./geometry.js";

export class Edits {
  /** @param {string} [stored] what `text` gave; anything else is as good as nothing */
  constructor(stored) {
    /** @type {Edit[]} */
    this.list = [];
    this.from = ""; // the sender of all in the list
    this.next = 1;
    try {
      const { edits, from, next } = JSON.parse(stored ?? "{}");
      if (!Array.isArray(edits) || typeof from !== "string" || !Number.isInteger(next)) return;
      this.list = edits.map(({ n, work, event, data }) => ({ n, work, event, data, sent: 0 }));
      this.from = from;
      this.next = next;
    } catch { /* nothing was kept */ }
  }

  /** As it is kept through a reload; empty where there is nothing to keep. */
  get text() {
    const { list, from, next } = this;
    return list.length ? JSON.stringify({ edits: list, from, next }) : "";
  }

  /** @param {string} work key of the photo @param {string} event @param {Record<string, any>} data @returns {Edit} */
  add(work, event, data) {
    if (!this.list.length) {
      this.from = crypto.getRandomValues(new Uint32Array(4)).join("-");
      this.next = 1;
    }
    const edit = { n: this.next++, work, event, data, sent: 0 };
    this.list.push(edit);
    return edit;
  }

  /** The server has done all up to number `n` of the sender `from`. Returns whether that is our sender.
   * @param {string} from @param {number} n */
  confirm(from, n) {
    if (from !== this.from) return false;
    this.list = this.list.filter((edit) => edit.n > n);
    return true;
  }

  /** An edit as it goes over the wire. @param {Edit} edit */
  message(edit) {
    return { ...edit.data, sender: { from: this.from, n: edit.n, first: this.list[0].n, work: edit.work } };
  }

  /** The marks that the page knows, with what the edits of this photo make of them.
   * @param {Mark[]} marks @param {Pick<Photo, "key" | "width" | "height"> | null} photo @param {Words} words @returns {Mark[]} */
  applyTo(marks, photo, words) {
    let list = [...marks];
    for (const { event, data, work } of this.list) {
      if (!photo || work !== photo.key) continue;
      const old = list.find((mark) => mark.id === data.id);
      if (event === "remove") list = list.filter((mark) => mark !== old);
      else if (old) list = list.map((mark) => (mark === old ? changed(mark, event, data, photo) : mark));
      else if (event === "mark" && data.kind !== "region") list.push(newMark(data, words));
    }
    return list;
  }
}

/** A mark after one more edit of it.
 * @param {Mark} mark @param {string} event @param {Record<string, any>} data @param {{ width: number, height: number }} photo
 * @returns {Mark} */
function changed(mark, event, data, photo) {
  switch (event) {
    case "mark":
      return { ...mark, color: data.color };
    case "move":
      return moved(mark, data.at, photo);
    case "rename":
      return renamed(mark, data.text);
    default:
      return mark;
  }
}

/** As the server moves it (`Item.with_handle_at`): as far as all of it stays on the photo. Objects lie where their selection
 * does.
 * @param {Mark} mark @param {Place} to @param {{ width: number, height: number }} photo @returns {Mark} */
function moved(mark, to, { width, height }) {
  const { handle, along, box } = mark;
  if (!handle || !["point", "stroke", "box"].includes(mark.kind)) return mark;
  /** @type {Place[]} */
  const corners = box ? [[box[0], box[1]], [box[2], box[3]]] : (along ?? [handle]), edge = box ? 0 : 1;
  /** @param {0 | 1} axis @param {number} size */
  const by = (axis, size) => {
    const values = corners.map((corner) => corner[axis]);
    return clamp(to[axis] - handle[axis], -Math.min(...values), size - edge - Math.max(...values));
  };
  /** @type {Place} */
  const shift = [by(0, width), by(1, height)];
  const place = shiftPlace(handle, shift);
  return { ...mark, handle: place, along: along?.map((one) => shiftPlace(one, shift)), box: box && shiftBox(box, shift),
    label: mark.label.replace(/\S+, \S+$/, `${place.map(Math.round).join(", ")}`) };
}

/** As the server takes a name. What loses its own keeps it as a title until the server says what it is called without.
 * @param {Mark} mark @param {string} text @returns {Mark} */
function renamed(mark, text) {
  const name = text.split(/\s+/).filter(Boolean).join(" ").slice(0, 60), title = name || mark.title || "";
  const label = mark.title && mark.label.startsWith(mark.title) ? title + mark.label.slice(mark.title.length) : mark.label;
  return { ...mark, name, title, label };
}

/** A mark that the server does not know yet, as the picture draws it.
 * @param {Record<string, any>} data of the edit @param {Words} words @returns {Mark} */
function newMark(data, words) {
  const { id, at, along, box, width, color, kind } = data;
  /** @type {Place} */
  const handle = at ?? along?.at(-1) ?? center(box);
  const label = `${words[kind]}, ${color}, ${handle.map(Math.round).join(", ")}`;
  return { id, kind, color, along, box, width, handle, title: words[kind], name: "", label, off: false };
}
