// How Bobbin calls a Node script in other ways than `node main.mjs`: `node harness.mjs ENTRY ARGS...`, with what is
// wanted in BOBBIN_HARNESS.
//
// The entry is imported, its `main` found and called, and what it returns is written to BOBBIN_RESULT. Of the parts,
// harness_*.mjs beside this file, those are imported that the run needs, and before the script's code runs. There is no
// await at the top of this file: when the event loop is empty and `main` has not settled, the exit handler says so.

import { Error, complain, entry, leave, report, settings, state } from "./harness_base.mjs";
import { describe, placeOf, shown, stackOf } from "./harness_errors.mjs";

function fail(error) {
  if (state.finished) return;
  complain(shown(error));
  state.closeRows?.(true);
  leave(`${placeOf(error)}: ${state.rowIndex === null ? "" : `row ${state.rowIndex}: `}${describe(error)}`);
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

const part = settings.call !== "main" ? "script" : settings.mode === "rows" ? "rows" : "main";
import(`./harness_${part}.mjs`).then(({ run }) => run()).catch(fail);
