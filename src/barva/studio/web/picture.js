// NiceGUI's side of the picture: properties go in, events come out, everything else is plain JavaScript.

import { Picture } from "barva-picture";

const PROPS = ["upload", "recent", "compare", "tool", "mode", "radius", "photo", "version", "marks", "overlay", "selection", "bare"];

export default {
  template: `<div class="b-stage" :tabindex="photo ? 0 : -1" role="application" :aria-label="words.stage"></div>`,
  props: { words: Object, upload: String, recent: Array, compare: String, tool: String, mode: String, radius: { type: Number, default: 10 },
    photo: Object, version: Number, marks: Array, overlay: String, selection: String, bare: Boolean },
  mounted() {
    this.picture = Vue.markRaw(new Picture(this.$el, this.words, (event, data) => this.$emit("act", { event, ...data })));
    for (const name of PROPS) {
      this.picture.set(name, Vue.toRaw(this[name]));
      this.$watch(name, (value) => this.picture.set(name, JSON.parse(JSON.stringify(value ?? null))), { deep: true });
    }
  },
  unmounted() {
    this.picture.close();
  },
  methods: {
    act(name, ...args) {
      return this.picture[name](...args);
    },
  },
};
