"use strict";
// Input that is JSON.

const { Number, String, parse } = require("./harness_base.cjs");
const { BadInput } = require("./harness_input.cjs");

const STRING = String.raw`"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?`;
const TOKEN = new RegExp(String.raw`[ \t\r\n]*(?:(${STRING})|(${NUMBER}|true|false|null)|([{}[\],:]))`, "y");

/** A number of the text that is too large for a number; JSON.parse gives Infinity for it. */
function tooLarge(text) {
  if (!/\d{200}|[eE]\+?\d{3}/.test(text)) return null;
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (found[0][0] !== '"' && !Number.isFinite(Number(found[0]))) return found;
  }
  return null;
}

/** Where a text stops being JSON, and what is there. Node's own message tells it in some versions only. */
function broken(text) {
  const around = [];
  let wanted = "value"; // or key, colon, comma; "first" is a value or the end, "firstKey" a key or the end
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) {
      const rest = text.slice(at).trimStart();
      const place = text.length - rest.length;
      return rest === "" ? [text.length, "it ends too soon"] : [place, `near '${rest.slice(0, 20).split("\n")[0]}'`];
    }
    const [whole, string, scalar, mark] = found;
    const wrong = [at + whole.length - whole.trimStart().length, `unexpected ${whole.trim().slice(0, 40)}`];
    at += whole.length;
    const inside = around[around.length - 1];
    const isValue = wanted === "value" || wanted === "first";
    if (wanted === "nothing") return wrong;
    if (mark === "{" || mark === "[") {
      if (!isValue) return wrong;
      around.push(mark);
      wanted = mark === "{" ? "firstKey" : "first";
      continue;
    }
    if (mark === ":") {
      if (wanted !== "colon") return wrong;
      wanted = "value";
      continue;
    }
    if (mark === ",") {
      if (wanted !== "comma") return wrong;
      wanted = inside === "{" ? "key" : "value";
      continue;
    }
    if (mark === "}" || mark === "]") {
      const empty = mark === "}" ? "firstKey" : "first";
      if (inside !== (mark === "}" ? "{" : "[") || (wanted !== "comma" && wanted !== empty)) return wrong;
      around.pop();
    } else if (string !== undefined && (wanted === "key" || wanted === "firstKey")) {
      wanted = "colon";
      continue;
    } else if (!isValue) {
      return wrong;
    }
    wanted = around.length > 0 ? "comma" : "nothing";
  }
}

function parsed(text, first) {
  const lineAt = (place) => first + text.slice(0, place).split("\n").length - 1;
  let value;
  try {
    value = parse(text);
  } catch (error) {
    let place, what;
    try {
      [place, what] = broken(text);
    } catch {
      throw new BadInput(`not JSON: ${error.message}`);
    }
    throw new BadInput(`not JSON: ${what}`, lineAt(place));
  }
  const large = tooLarge(text);
  if (large !== null) {
    const digits = large[0].length > 40 ? large[0].slice(0, 40) + "..." : large[0];
    throw new BadInput(`the number ${digits} does not fit`, lineAt(large.index));
  }
  return value;
}

module.exports = { parsed };
