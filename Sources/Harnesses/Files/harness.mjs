// How Bobbin calls a Node script in other ways than `node main.mjs`: `node harness.mjs ENTRY ARGS...`, with what is
// wanted in BOBBIN_HARNESS.
//
// The entry is imported, its `main` found and called, and what it returns is written to BOBBIN_RESULT. There is no
// await at the top of this file: when the event loop is empty and `main` has not settled, the exit handler says so.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";

const directory = fileURLToPath(new URL(".", import.meta.url)).slice(0, -1);
const requireOfNode = createRequire(import.meta.url);
const parts = Object.create(null);

/**
 * The exports of a part, harness_*.cjs beside this file, or of a module of Node's. Parts that are ES modules would take
 * a millisecond each, and what Node's own `require` reads stands in its cache, where the script would find it. A run
 * reads the parts that it needs, and before the script's code runs, which may leave no descriptor to read them by.
 */
function part(name) {
  if (!name.startsWith("./")) return requireOfNode(name);
  if (parts[name] === undefined) {
    const filename = directory + name.slice(1);
    const module = { exports: {} };
    const names = ["module", "require", "__dirname"];
    compileFunction(readFileSync(filename, "utf8"), names, { filename })(module, part, directory);
    parts[name] = module.exports;
  }
  return parts[name];
}

const { Error, SyntaxError, complain, entry, entryPath, leave, report, settings, state } = part("./harness_base.cjs");
const { describe, placeOf, shown, stackOf } = part("./harness_errors.cjs");

function fail(error) {
  if (state.finished) return;
  complain(shown(error));
  state.closeRows?.(true);
  leave(`${placeOf(error)}: ${state.rowIndex === null ? "" : `row ${state.rowIndex}: `}${describe(error)}`);
}

async function load() {
  state.phase = "loading";
  try {
    return await import(pathToFileURL(entryPath).href);
  } catch (error) {
    try {
      if (error instanceof SyntaxError) part("./harness_syntax.cjs").findSyntaxError(error);
    } catch {}
    throw error;
  }
}

// A script with a handler of its own has the last word, as without a harness.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") === 1) fail(error);
});

process.on("exit", (code) => {
  if (state.finished) return;
  if (state.phase === "done" && code === 0) return;
  // The stack is still that of whoever called process.exit().
  const here = new Error();
  const exiting = stackOf(here).includes("process.exit");
  if (code === 0 && exiting) {
    state.closeRows?.(false);
    return;
  }
  if (code === 0 || (code === 13 && !exiting)) {
    state.finished = true;
    const what = state.phase === "loading" ? "the module never finished loading" : "main never settled";
    const row = state.rowIndex === null ? "" : `row ${state.rowIndex}: `;
    const reason = `${entry}: ${row}${what}: nothing is left that could end its waiting`;
    complain(`Error: ${reason}`);
    state.closeRows?.(true);
    process.exitCode = 1;
    report(reason);
    return;
  }
  state.closeRows?.(true);
  const row = state.rowIndex === null ? "" : `row ${state.rowIndex}: `;
  report(`${exiting ? placeOf(here) : entry}: ${row}exit code ${code}`);
});

const way = settings.call !== "main" ? "script" : settings.mode === "rows" ? "rows" : "main";
part(`./harness_${way}.cjs`).run(load).catch(fail);
