"use strict";
// The input read whole.

const { input, readFileSync } = require("./harness_base.cjs");
const { refuseInput, textOf, withoutMark } = require("./harness_input.cjs");

// Before the script's code runs, as all parts.
const { csvRows } = input?.kind === "csv" ? require("./harness_records.cjs") : {};
const { jsonLines } = input?.kind === "jsonl" ? require("./harness_lines.cjs") : {};
const { parsed } = input?.kind === "json" ? require("./harness_parse.cjs") : {};

function readInput() {
  if (input === null) return null;
  try {
    if (input.kind === "csv") return [...csvRows(input.path)];
    if (input.kind === "jsonl") return [...jsonLines(input.path)];
    return parsed(textOf(withoutMark(readFileSync(input.path)), 1), 1);
  } catch (error) {
    refuseInput(error);
  }
}

module.exports = { readInput };
