"use strict";
// Calls `main` with the whole input.

const { entry, refuse, state, input } = require("./harness_base.cjs");
const { findMain } = require("./harness_find.cjs");
const { NotJSON } = require("./harness_json.cjs");
const { keepCheckpoint, writeValue } = require("./harness_result.cjs");

const { readInput } = input === null ? {} : require("./harness_whole.cjs");

async function run(load) {
  const main = findMain(await load());
  const value = input === null ? null : readInput();
  state.phase = "main";
  const result = await main(value);
  state.phase = "done";
  try {
    writeValue(result);
  } catch (error) {
    if (error instanceof NotJSON) refuse(`${entry}: ${error.message}`);
    throw error;
  }
  keepCheckpoint(result);
}

module.exports = { run };
