// NiceGUI's side of the picture: properties go in, events come out, everything else is plain JavaScript.

import { Picture } from "barva-picture";

/** @typedef {Component & Record<string, unknown> & { words: Words, photo: Photo | null, picture: Picture }} Host */

const PROPS = ["upload", "recent", "compare", "tool", "mode", "radius", "photo", "version", "marks", "overlay", "selection", "bare", "redraw", "films"];

export default {
  template: `<div class="b-stage" :tabindex="photo ? 0 : -1" role="application" :aria-label="words.stage"></div>`,
  props: { words: Object, upload: String, recent: Array, compare: String, tool: String, mode: String, radius: { type: Number, default: 10 },
    photo: Object, version: Number, marks: Array, overlay: String, selection: String, bare: Boolean, redraw: String, films: String },
  /** @this {Host} */
  mounted() {
    this.picture = Vue.markRaw(new Picture(this.$el, this.words, (event, data) => this.$emit("act", { event, ...data })));
    for (const name of PROPS) {
      this.picture.set(name, Vue.toRaw(this[name]));
      this.$watch(name, (value) => this.picture.set(name, JSON.parse(JSON.stringify(value ?? null))), { deep: true });
    }
  },
  /** @this {Host} */
  unmounted() {
    this.picture.close();
  },
  methods: {
    /** Call a method of the picture.
     * @this {Host} @param {string} name @param {unknown[]} args */
    act(name, ...args) {
      return /** @type {Record<string, any>} */ (this.picture)[name](...args);
    },
  },
};
