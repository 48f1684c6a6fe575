// How one photo looks in each kind of list. `make(row, list)` gives its node and `update(row, list)`.

import { el, icon } from "barva-picture/dom.js";

import { shelf } from "./shelf.js";

const text = (words, key, name) => words[key].replace("{name}", () => name);
const source = (row) => `/studio/${row.key}/thumb${row.thumb ? `?of=${row.thumb}` : ""}`;

/** A picture that changes its address only where it is another one. */
function picture(lazy = true) {
  const node = el("img", { alt: "", decoding: "async", loading: lazy && "lazy" });
  return { node, show: (address) => node.getAttribute("src") !== address && node.setAttribute("src", address) };
}

function thumb(row, list) {
  const image = picture(), label = text(list.words, "photos.show", row.name);
  const node = el("button", { class: "b-button b-thumb", type: "button", "aria-label": label, title: row.name,
    on: { click: () => list.tell("open", { key: row.key }) } }, image.node);
  const update = (now) => {
    image.show(source(now));
    node.setAttribute("aria-pressed", now.key === shelf.current);
  };
  return { node, update };
}

function ghost(name, label, press) {
  return el("button", { class: "b-button b-ghost", type: "button", "aria-label": label, title: label, on: { click: press } }, icon(name));
}

function line(row, { words, tell }) {
  const image = picture(), state = el("small"), name = row.name;
  const open = el("button", { class: "b-job-open", type: "button", title: name, on: { click: () => tell("open", { key: row.key }) } },
    image.node, el("span", { class: "b-job-text" }, el("span", { text: name }), state));
  const act = (event) => () => tell(event, { key: row.key });
  const stop = ghost("close", `${words["photos.stop"]}: ${name}`, act("stop"));
  const retry = ghost("retry", `${words["photos.retry"]}: ${name}`, act("retry"));
  const trash = ghost("trash", text(words, "photos.remove", name), act("remove"));
  const update = (now) => {
    image.show(source(now));
    state.textContent = now.text;
    state.dataset.state = now.state;
    state.title = now.text;
    const waits = ["waiting", "running"].includes(now.state);
    stop.hidden = !waits;
    trash.hidden = waits;
    retry.hidden = !["failed", "cancelled"].includes(now.state);
    now.key === shelf.current ? open.setAttribute("aria-current", "true") : open.removeAttribute("aria-current");
  };
  return { node: el("li", { class: "b-job" }, open, stop, retry, trash), update };
}

function card(row, list) {
  const image = picture(), state = el("small");
  const node = el("button", { class: "b-button b-cardlet", type: "button", title: row.name, "data-key": row.key,
    on: { click: () => list.tell("open", { key: row.key }) } }, image.node, el("span", { text: row.name }), state);
  const update = (now) => {
    image.show(source(now));
    state.textContent = now.state === "open" ? "" : now.text;
  };
  return { node, update };
}

/** Before, and as it would be with the scene of `list.source`. */
function choice(row, list) {
  const before = picture(), after = picture(), box = el("input", { type: "checkbox", "aria-label": row.name });
  box.addEventListener("change", () => list.check(box.checked, row.key));
  after.node.addEventListener("error", () => (after.node.hidden = true));
  after.node.addEventListener("load", () => after.node.classList.add("b-here"));
  const node = el("label", { class: "b-applied" }, el("span", { class: "b-applied-pair" }, before.node, after.node),
    el("span", { class: "b-applied-name" }, box, el("span", { text: row.name, title: row.name })));
  const update = (now) => {
    before.show(source(now));
    after.show(`/studio/${row.key}/applied/${list.source}`);
    box.checked = !list.off.has(row.key);
  };
  return { node, update };
}

export const KINDS = {
  strip: { across: true, make: thumb },
  list: { across: false, make: line },
  page: { across: false, make: card },
  choice: { across: false, make: choice },
};
