// Lint rules for the studio's page and its tests; types and names are TypeScript's business (tsconfig.json).

import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-undef": "off", // tsc knows the globals
      "no-unused-expressions": ["error", { allowShortCircuit: false }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
