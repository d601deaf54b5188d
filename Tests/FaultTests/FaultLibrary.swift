import Foundation
import TestKit

/// `Tests/CFaults` as a library for the programs under test to preload.
///
/// Compiled by the tests themselves, with the compiler of the Swift toolchain: a library made by SwiftPM brings a Swift runtime
/// along, which a program that has its own must not be given.
enum FaultLibrary {
    /// Where it is, once it is compiled.
    static let compiled: Result<String, any Error> = Result { try compile() }

    private static func compile() throws -> String {
        let source: String = Program.repository + "/Tests/CFaults/faults.c"
        let folder: String = Program.repository + "/.build/faults"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let target: String = folder + "/faults.so"
        // Beside the target first: another test process may be about to load it.
        let draft: String = folder + "/faults-\(ProcessInfo.processInfo.processIdentifier).so"
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang", "-O1", "-g", "-fno-omit-frame-pointer", "-shared", "-fPIC", "-Wall", "-o", draft, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0, rename(draft, target) == 0 else { throw NotCompiled(status: compiler.terminationStatus) }
        return target
    }

    struct NotCompiled: Error, CustomStringConvertible {
        let status: Int32
        var description: String { "clang ended with \(status) on Tests/CFaults/faults.c; it comes with the Swift toolchain, beside swift" }
    }
}
