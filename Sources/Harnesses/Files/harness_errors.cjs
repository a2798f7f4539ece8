"use strict";
// Where an error of the script's is, and how it is shown.

const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");
const { Error, Map, String, entry, inspect, root, types } = require("./harness_base.cjs");

// What the harness's own files begin with, as URL and as path.
const stems = [pathToFileURL(__dirname).href + "/harness", __dirname + "/harness"];

/** True of a line of a stack that is in the harness. */
function isOwnLine(line) {
  return stems.some((stem) => {
    const at = line.indexOf(stem);
    return at >= 0 && /^(?:_[a-z]+\.c|\.m)js:/.test(line.slice(at + stem.length));
  });
}

/** Errors whose place cannot be told by their stack, and what is shown of the file there. */
const syntaxPlaces = new Map();
const syntaxExcerpts = new Map();

function relative(file) {
  const within = path.relative(root, file);
  return within === "" || within.startsWith("..") || path.isAbsolute(within) ? null : within;
}

/** `main.mjs:3` for a line of a stack that is in the bundle's own code. */
function placeIn(line) {
  const found = /(?:\(|at |async |^)((?:file:\/\/)?\/.*?):(\d+)(?::\d+)?\)?$/.exec(line);
  if (found === null) return null;
  let file = found[1];
  try {
    if (file.startsWith("file:")) file = fileURLToPath(file.replace(/[?#].*$/, ""));
  } catch {
    return null;
  }
  const within = relative(file);
  if (within === null || isOwnLine(`${file}:`) || within.split(path.sep).includes("node_modules")) return null;
  return `${within}:${found[2]}`;
}

function stackOf(error) {
  try {
    const stack = error?.stack;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}

/** The innermost place in the bundle's own code; its entry without a line if there is none. */
function placeOf(error) {
  if (syntaxPlaces.has(error)) return syntaxPlaces.get(error);
  const lines = stackOf(error).split("\n");
  for (const line of lines) {
    if (!/^\s+at /.test(line)) continue;
    const place = placeIn(line);
    if (place !== null) return place;
  }
  // A syntax error's stack begins with its file and line.
  const first = lines.length > 1 && !/^\s+at /.test(lines[0]) ? placeIn(lines[0]) : null;
  return first ?? entry;
}

function describe(error) {
  try {
    if (types.isNativeError(error) || error instanceof Error) {
      const name = String(error.name || error.constructor?.name || "Error");
      const message = String(error.message);
      return message ? `${name}: ${message}` : name;
    }
    const what = typeof error === "string" ? error : inspect(error, { depth: 1, breakLength: Infinity });
    return `Error: ${what} was thrown`;
  } catch {
    return "Error: what was thrown cannot be shown";
  }
}

/** The error as Node shows it, without the frames of the harness and of what calls it. */
function shown(error) {
  let text;
  try {
    text = types.isNativeError(error) ? inspect(error) : `Uncaught ${inspect(error)}`;
  } catch {
    text = stackOf(error) || "an error that cannot be shown";
  }
  const lines = text.split("\n");
  const kept = [];
  for (const line of lines) {
    if (/^\s+at /.test(line)) {
      if (isOwnLine(line)) {
        // What Node itself put between this file and the script.
        while (kept.length > 0 && /^\s+at .*[( ]node:internal\//.test(kept[kept.length - 1])) kept.pop();
        continue;
      }
    }
    kept.push(line);
  }
  const place = syntaxExcerpts.get(error);
  return (place === undefined ? "" : place + "\n\n") + kept.join("\n");
}

module.exports = { syntaxPlaces, syntaxExcerpts, relative, placeIn, stackOf, placeOf, describe, shown };
