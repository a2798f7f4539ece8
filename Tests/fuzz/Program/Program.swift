// The program that `make fuzz` runs: libFuzzer's loop around one target, which BOBBIN_FUZZ_TARGET names. The target's files are
// made in a new directory of the current one.

internal import FuzzTargets
internal import Glibc
internal import Linux

/// One text for the target. What breaks a promise is to libFuzzer a crash: it keeps the bytes.
typealias ReadOne = @convention(c) (UnsafePointer<UInt8>, Int) -> CInt

/// libFuzzer's main function, under the name that programs with one of their own call it by (llvm.org/docs/LibFuzzer.html).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, _ readOne: ReadOne
) -> CInt

/// libFuzzer's own mutation of a buffer that has room for a number of bytes; the new size.
@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ bytes: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int) -> Int

// libFuzzer has one thread.
nonisolated(unsafe) private var running: (target: FuzzTarget, reader: any FuzzedReader)?

@main
enum Program {
    static func main() {
        let name = getenv("BOBBIN_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            fail("BOBBIN_FUZZ_TARGET is '\(name)'; there are \(FuzzTarget.allCases)")
        }
        do {
            let scratch = EntryName("fuzz-\(getpid())")
            let here = try Directory(path: ".")
            try here.makeDirectory(scratch)
            running = (target, try target.begin(in: here.directory(scratch)))
        } catch {
            fail("cannot begin: \(error)")
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, readOne))
    }

    private static func fail(_ message: String) -> Never {
        try? writeAll(2, Array("bobbin-fuzz: \(message)\n".utf8))
        exit(64)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
func readOne(_ start: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        try running?.reader.read(Array(UnsafeBufferPointer(start: start, count: size)))
        return 0
    } catch {
        try? writeAll(2, Array("bobbin-fuzz: \(error)\n".utf8))
        abort()
    }
}

@_cdecl("LLVMFuzzerCustomMutator")
func change(_ start: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int, _ seed: UInt32) -> Int {
    let size = mutate(start, size, room)
    // Else nearly every change of a header would only show that its checksum is looked at; one in eight still does.
    if running?.target == .archive, seed % 8 != 0 { mendHeaders(UnsafeMutableBufferPointer(start: start, count: size)) }
    return size
}
