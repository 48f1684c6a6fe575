// NiceGUI's side of a list of photos: the strip, the list of the panel, the page of all, and the one to choose from.

import { List, places, shelf } from "barva-photos";

export default {
  template: `<component :is="tag" :class="'b-photos b-photos-' + kind"></component>`,
  props: { kind: String, words: Object, rows: Array, source: String },
  computed: {
    tag() {
      return this.kind === "list" ? "ul" : "div";
    },
  },
  mounted() {
    const tell = (event, data) => this.$emit("act", { event, ...data });
    if (this.rows) {
      shelf.fill(JSON.parse(JSON.stringify(this.rows)));
      places.listen(tell);
    }
    this.list = Vue.markRaw(new List(this.$el, this.kind, this.words, tell, this.source));
  },
  unmounted() {
    this.list.close();
  },
  methods: {
    act(name, ...args) {
      return (shelf[name] ? shelf : places[name] ? places : this.list)[name](...args);
    },
  },
};
