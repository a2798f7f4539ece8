"use strict";
// The function that is to be called.

const { Function, Map, Symbol, entry, isArray, ownKeys, refuse, types } = require("./harness_base.cjs");
const { placeIn } = require("./harness_errors.cjs");

const WANTED =
  "with 'call: main' the file exports it: export default function (input), export function main(input), " +
  "or module.exports = function";

/** `main.mjs:3`: where a function begins, as the engine knows it. */
function placeOfFunction(value) {
  try {
    const inspector = require("node:inspector");
    const session = new inspector.Session();
    session.connect();
    const files = new Map();
    session.on("Debugger.scriptParsed", ({ params }) => files.set(params.scriptId, params.url));
    session.post("Debugger.enable");
    const key = Symbol("main");
    globalThis[key] = value;
    let found;
    const expression = "globalThis[Object.getOwnPropertySymbols(globalThis).at(-1)]";
    session.post("Runtime.evaluate", { expression }, (_, { result }) => {
      session.post("Runtime.getProperties", { objectId: result.objectId }, (_, { internalProperties }) => {
        found = internalProperties.find(({ name }) => name === "[[FunctionLocation]]")?.value.value;
      });
    });
    delete globalThis[key];
    session.disconnect();
    const url = files.get(found.scriptId);
    return placeIn(`at ${url}:${found.lineNumber + 1}:1`) ?? entry;
  } catch {
    return entry;
  }
}

function findMain(exported) {
  let found;
  const candidates = [exported, exported.default, exported.default?.default];
  for (const holder of candidates) {
    if (holder === null || holder === undefined) continue;
    if (holder !== exported && typeof holder === "function") found = holder;
    else if ((typeof holder === "object" || typeof holder === "function") && "main" in holder) found = holder.main;
    else continue;
    break;
  }
  if (found === undefined) {
    const whole = exported.default;
    const names = ownKeys(typeof whole === "object" && whole !== null ? whole : exported);
    const others = names.filter((name) => name !== "module.exports").slice(0, 20).join(", ");
    refuse(`${entry}: there is no 'main'${others === "" ? "" : `, only ${others}`}; ${WANTED}`);
  }
  if (typeof found !== "function") {
    const what = found === null ? "null" : isArray(found) ? "an array" : `a value of type ${typeof found}`;
    refuse(`${entry}: 'main' is ${what}, not a function; ${WANTED}`);
  }
  const text = Function.prototype.toString.call(found);
  if (/^class\b/.test(text)) refuse(`${placeOfFunction(found)}: 'main' is a class, not a function; ${WANTED}`);
  if (types.isGeneratorFunction(found)) {
    const place = placeOfFunction(found);
    refuse(`${place}: 'main' is a generator function; return an array instead of yielding its elements`);
  }
  if (found.length > 1) refuse(`${placeOfFunction(found)}: 'main' needs ${found.length} arguments; ${WANTED}`);
  return found;
}

module.exports = { findMain };
