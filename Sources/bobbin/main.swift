import ArgumentParser
import Glibc

do {
    var command = try Bobbin.parseAsRoot()
    try command.run()
    try Console.flush()
} catch let failure as Failure {
    // What was printed before the failure is part of the answer.
    try? Console.flush()
    if !failure.message.isEmpty { Console.note(failure.message) }
    exit(failure.code.rawValue)
} catch {
    // Help, versions and ArgumentParser's own findings; wrong usage is 64 there too.
    Bobbin.exit(withError: error)
}
