"use strict";
// Runs the entry, which exports nothing that is wanted.

const { entry, refuse, settings, state } = require("./harness_base.cjs");

async function run(load) {
  await load();
  state.phase = "done";
  if (settings.result?.variable !== undefined) {
    refuse(`${entry}: 'result: {variable: ...}' is for Python and R; here the file exports main (call: main)`);
  }
}

module.exports = { run };
