// NiceGUI's side of a list of photos: the strip, the list of the panel, the page of all, and the one to choose from.

import { List, places, shelf } from "barva-photos";

/** @typedef {Component & { kind: import("barva-photos").Kind, words: Words, rows?: Row[], source: string, list: List }} Photos */

export default {
  template: `<ul :class="'b-photos b-photos-' + kind"></ul>`,
  props: { kind: String, words: Object, rows: Array, source: String },
  /** @this {Photos} */
  mounted() {
    /** @type {Emit} */
    const emit = (event, data) => this.$emit("act", { event, ...data });
    if (this.rows) {
      shelf.fill(JSON.parse(JSON.stringify(this.rows)));
      places.listen(emit);
    }
    this.list = Vue.markRaw(new List(this.$el, this.kind, this.words, emit, this.source));
  },
  /** @this {Photos} */
  unmounted() {
    this.list.close();
  },
  methods: {
    /** Call `name` of the rows, of the browser's history or of this list, whichever has it.
     * @this {Photos} @param {string} name @param {unknown[]} args */
    act(name, ...args) {
      /** @type {Record<string, any>} */
      const owner = name in shelf ? shelf : name in places ? places : this.list;
      return owner[name](...args);
    },
  },
};
