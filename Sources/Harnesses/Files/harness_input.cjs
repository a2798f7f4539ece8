"use strict";
// The input, and what is wrong with it.

const path = require("node:path");
const { Error, TextDecoder, input, refuse } = require("./harness_base.cjs");
const { relative } = require("./harness_errors.cjs");

class BadInput extends Error {
  constructor(message, line) {
    super(message);
    this.line = line;
  }
}

function inputName() {
  return relative(input.path) ?? `input ${path.basename(input.path)}`;
}

function refuseInput(error) {
  if (error instanceof BadInput) refuse(`${inputName()}${error.line ? `:${error.line}` : ""}: ${error.message}`);
  refuse(`${inputName()}: cannot be read: ${error.message}`);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function lineOf(bytes, end, first) {
  let line = first;
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}

function textOf(bytes, first) {
  try {
    return decoder.decode(bytes);
  } catch {
    // The line is found by decoding each for itself.
    let line = first;
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(10, from);
      try {
        decoder.decode(bytes.subarray(from, end < 0 ? bytes.length : end));
      } catch {
        throw new BadInput("not UTF-8", line);
      }
      if (end < 0) throw new BadInput("not UTF-8", first);
      from = end + 1;
      line += 1;
    }
  }
}

/** Without a byte order mark at the beginning. */
function withoutMark(bytes) {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

module.exports = { BadInput, refuseInput, lineOf, textOf, withoutMark };
