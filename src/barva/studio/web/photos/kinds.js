// How one photo looks in each kind of list: `make(row, list)` gives its node and `update(row)`.

import { el, icon } from "barva-picture/dom.js";

import { shelf } from "./shelf.js";

/**
 * @typedef {import("./list.js").List} List
 * @typedef {{ node: HTMLElement, update: (row: Row) => void }} View
 * @typedef {{ across: boolean, make: (row: Row, list: List) => View }} Layout
 * @typedef {"strip" | "list" | "page" | "choice"} Kind
 */

/** @param {Words} words @param {string} key @param {string} name */
const text = (words, key, name) => words[key].replace("{name}", () => name);
/** @param {Row} row */
const thumbAddress = (row) => `/studio/${row.key}/thumb${row.thumb ? `?of=${row.thumb}` : ""}`;

/** A picture that changes its address only where it is another one. */
function picture() {
  const node = el("img", { alt: "", decoding: "async", loading: "lazy" });
  /** @param {string} address */
  const show = (address) => node.getAttribute("src") !== address && node.setAttribute("src", address);
  return { node, show };
}

/** @param {Row} row @param {List} list @returns {View} */
function thumb(row, list) {
  const image = picture(), label = text(list.words, "photos.show", row.name);
  const node = el("button", { class: "b-button b-thumb", type: "button", "aria-label": label, title: row.name,
    on: { click: () => list.emit("open", { key: row.key }) } }, image.node);
  /** @param {Row} now */
  const update = (now) => {
    image.show(thumbAddress(now));
    node.setAttribute("aria-pressed", String(now.key === shelf.current));
  };
  return { node, update };
}

/** @param {Parameters<typeof icon>[0]} name @param {string} label @param {() => void} press */
function ghost(name, label, press) {
  return el("button", { class: "b-button b-ghost", type: "button", "aria-label": label, title: label, on: { click: press } }, icon(name));
}

/** @param {Row} row @param {List} list @returns {View} */
function line(row, { words, emit }) {
  const image = picture(), state = el("small"), name = row.name;
  const open = el("button", { class: "b-job-open", type: "button", title: name, on: { click: () => emit("open", { key: row.key }) } },
    image.node, el("span", { class: "b-job-text" }, el("span", { text: name }), state));
  /** @param {string} event */
  const act = (event) => () => emit(event, { key: row.key });
  const stop = ghost("close", `${words["photos.stop"]}: ${name}`, act("stop"));
  const retry = ghost("retry", `${words["photos.retry"]}: ${name}`, act("retry"));
  const trash = ghost("trash", text(words, "photos.remove", name), act("remove"));
  /** @param {Row} now */
  const update = (now) => {
    image.show(thumbAddress(now));
    state.textContent = now.text;
    state.dataset.state = now.state;
    state.title = now.text;
    const waits = ["waiting", "running"].includes(now.state);
    stop.hidden = !waits;
    trash.hidden = waits || Boolean(now.stays);
    retry.hidden = !["failed", "cancelled"].includes(now.state);
    if (now.key === shelf.current) open.setAttribute("aria-current", "true");
    else open.removeAttribute("aria-current");
  };
  return { node: el("li", { class: "b-job" }, open, stop, retry, trash), update };
}

/** @param {Row} row @param {List} list @returns {View} */
function card(row, list) {
  const image = picture(), state = el("small");
  const node = el("button", { class: "b-button b-cardlet", type: "button", title: row.name, "data-key": row.key,
    on: { click: () => list.emit("open", { key: row.key }) } }, image.node, el("span", { text: row.name }), state);
  /** @param {Row} now */
  const update = (now) => {
    image.show(thumbAddress(now));
    state.textContent = now.state === "open" ? "" : now.text;
  };
  return { node, update };
}

/** Before, and as it would be with the scene of `list.source`. @param {Row} row @param {List} list @returns {View} */
function choice(row, list) {
  const before = picture(), after = picture(), box = el("input", { type: "checkbox", "aria-label": row.name });
  box.addEventListener("change", () => list.check(box.checked, row.key));
  after.node.addEventListener("error", () => (after.node.hidden = true));
  after.node.addEventListener("load", () => after.node.classList.add("b-here"));
  const node = el("label", { class: "b-applied" }, el("span", { class: "b-applied-pair" }, before.node, after.node),
    el("span", { class: "b-applied-name" }, box, el("span", { text: row.name, title: row.name })));
  /** @param {Row} now */
  const update = (now) => {
    before.show(thumbAddress(now));
    after.show(`/studio/${row.key}/applied/${list.source}`);
    box.checked = !list.off.has(row.key);
  };
  return { node, update };
}

/** @type {Record<Kind, Layout>} */
export const KINDS = {
  strip: { across: true, make: thumb },
  list: { across: false, make: line },
  page: { across: false, make: card },
  choice: { across: false, make: choice },
};
