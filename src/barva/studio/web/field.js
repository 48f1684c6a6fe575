// A form field that a person and the page both set. It keeps what the person put in until the page sets it: `turn` counts
// how often the page did. Without this, drawing anything anew would put the page's last value back.

/** @typedef {Component & { tag: string, checked: boolean, value: string | number, put(): void }} Field */

export default {
  props: { tag: String, checked: Boolean, value: [String, Number], turn: Number },
  /** @this {Field} */
  mounted() {
    this.put();
  },
  watch: {
    /** @this {Field} */
    turn() {
      this.put();
    },
  },
  methods: {
    /** @this {Field} */
    put() {
      if (this.$attrs.type === "checkbox") this.$el.checked = this.checked;
      else if (this.$el.value !== String(this.value)) this.$el.value = this.value;
    },
  },
  /** @this {Field} */
  render() {
    return Vue.h(this.tag, {}, this.$slots.default?.());
  },
};
