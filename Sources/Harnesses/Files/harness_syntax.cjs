"use strict";
// Where a syntax error is that Node does not tell the place of.

const { entryPath } = require("./harness_base.cjs");
const { placeIn, stackOf, syntaxExcerpts, syntaxPlaces } = require("./harness_errors.cjs");

/** Parses a module and those it imports, as a process of its own, and ends by the first syntax error. */
const PARSER = `
const fs = require("fs"), path = require("path"), vm = require("vm");
const seen = new Set();
function look(file) {
  if (seen.has(file) || !/\\.m?js$/.test(file)) return;
  seen.add(file);
  let text;
  try { text = fs.readFileSync(file, "utf8"); } catch { return; }
  let module;
  try {
    module = new vm.SourceTextModule(text, { identifier: file });
  } catch (error) {
    if (file.endsWith(".js")) {
      try { vm.compileFunction(text, ["exports", "require", "module"]); return; } catch {}
    }
    throw error;
  }
  for (const name of module.dependencySpecifiers ?? []) {
    if (/^\\.{0,2}\\//.test(name)) look(path.resolve(path.dirname(file), decodeURIComponent(name)));
  }
}
look(process.argv[1]);`;

/** Where a module's syntax error is. Node tells it only of one that it ends by, so the modules are parsed again. */
function findSyntaxError(error) {
  if (placeIn(stackOf(error).split("\n")[0]) !== null) return;
  try {
    const env = { ...process.env };
    delete env.NODE_OPTIONS;
    const options = { encoding: "utf8", env, timeout: 10000, stdio: ["ignore", "ignore", "pipe"] };
    const flags = ["--no-warnings", "--experimental-vm-modules", "-e", PARSER, entryPath];
    const { stderr } = require("node:child_process").spawnSync(process.execPath, flags, options);
    const [excerpt] = stderr.split("\n\n");
    const place = placeIn(excerpt.split("\n")[0]);
    if (place === null) return;
    syntaxPlaces.set(error, place);
    syntaxExcerpts.set(error, excerpt);
  } catch {}
}

module.exports = { findSyntaxError };
