// A form field that a person and the page both set. It keeps what the person put in until the page sets it: `turn` counts
// how often the page did. Without this, drawing anything anew would put the page's last value back.

export default {
  props: { tag: String, checked: Boolean, value: [String, Number], turn: Number },
  mounted() {
    this.put();
  },
  watch: {
    turn() {
      this.put();
    },
  },
  methods: {
    put() {
      if (this.$attrs.type === "checkbox") this.$el.checked = this.checked;
      else if (this.$el.value !== String(this.value)) this.$el.value = this.value;
    },
  },
  render() {
    return Vue.h(this.tag, {}, this.$slots.default?.());
  },
};
