// The photos of the page: one list of what there is, and several views of it.

export { List } from "./list.js";
export { places } from "./places.js";
export { shelf } from "./shelf.js";

/** @typedef {import("./kinds.js").Kind} Kind */
