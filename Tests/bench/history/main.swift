// What `make bench-history` runs beside the built programs: it makes a history with the daemon's own writer and times the
// questions that the commands ask. One JSON object a line on standard output, for bench_history.py to print.
//
//   bobbin-bench-history make FILE ROWS
//   bobbin-bench-history ask FILE ROUNDS
//   bobbin-bench-history sweep FILE ROWS

import History
import Runs

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.dropFirst().first, arguments.dropFirst(2).first.flatMap { Int64($0) }) {
case ("make", let path?, let rows?): try Making.make(path, rows: rows)
case ("ask", let path?, let rounds?): try Asking.ask(path, rounds: rounds)
case ("sweep", let path?, let rows?): try await Sweeping.sweep(path, rows: rows)
default: throw UsageError()
}

struct UsageError: Error {}
