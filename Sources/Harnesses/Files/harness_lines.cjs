"use strict";
// Input that is JSON lines.

const { parsed } = require("./harness_parse.cjs");
const { parts } = require("./harness_parts.cjs");

function* jsonLines(file) {
  for (const [text, first] of parts(file)) {
    let from = 0;
    for (let line = first; from < text.length; line += 1) {
      let end = text.indexOf("\n", from);
      if (end < 0) end = text.length;
      const one = text.slice(from, end);
      if (/\S/.test(one)) yield parsed(one, line);
      from = end + 1;
    }
  }
}

module.exports = { jsonLines };
