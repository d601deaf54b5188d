import Dispatch
import Foundation

/// What a finished program left behind.
package struct Outcome: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String

    package init(status: Int32, output: String, errors: String) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// The JSON on standard output, one value.
    package func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }

    /// The last JSON object on standard error: the problem of a command run with `--json`.
    package var problem: [String: Any]? {
        for line in errors.split(separator: "\n").reversed() {
            if let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] { return object }
        }
        return nil
    }

    /// `code` of the problem.
    package var code: String? { problem?["code"] as? String }
}

/// Runs the programs under test as their users do.
package enum Program {
    /// This repository's root.
    package static let repository: String = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// `$VULTUS_PROGRAMS`, or the newest build there is.
    package static let folder: String = {
        if let path = ProcessInfo.processInfo.environment["VULTUS_PROGRAMS"] { return path }
        let candidates: [String] = ["release", "debug"].map { repository + "/.build/" + $0 }
        func modified(_ folder: String) -> Date {
            let values = try? FileManager.default.attributesOfItem(atPath: folder + "/vultus-edge")
            return values?[.modificationDate] as? Date ?? .distantPast
        }
        return candidates.max { modified($0) < modified($1) }!
    }()

    /// Runs to the end.
    /// - Parameters:
    ///   - during: what happens while it runs; told its process id.
    ///   - wrapper: a program that runs the other one, such as `faketime`, with its arguments.
    package static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: Data? = nil, wrapper: [String] = [],
        during: (pid_t) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let process: Process = make(name, arguments, environment: environment, wrapper: wrapper)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        let source: Pipe? = input.map { _ in Pipe() }
        process.standardInput = source ?? FileHandle.nullDevice
        let exit = Exit(process)
        try process.run()
        if let source, let input {
            DispatchQueue.global().async {
                signal(SIGPIPE, SIG_IGN)
                try? source.fileHandleForWriting.write(contentsOf: input)
                try? source.fileHandleForWriting.close()
            }
        }
        async let text: String = read(output)
        async let noise: String = read(errors)
        try await during(process.processIdentifier)
        let status: Int32 = await exit.status()
        return Outcome(status: status, output: await text, errors: await noise)
    }

    /// A program of the system, by its path.
    package static func runSystem(_ path: String, _ arguments: [String]) async throws -> Outcome {
        try await run("", arguments, wrapper: [path])
    }

    static func make(_ name: String, _ arguments: [String], environment: [String: String], wrapper: [String]) -> Process {
        let process = Process()
        let path: String = folder + "/" + name
        process.executableURL = URL(filePath: wrapper.first ?? path)
        process.arguments = wrapper.isEmpty ? arguments : Array(wrapper.dropFirst()) + (name.isEmpty ? [] : [path]) + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return process
    }

    /// Pipes are read on a queue, because reading blocks.
    private static func read(_ pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                try? pipe.fileHandleForReading.close()
                continuation.resume(returning: text)
            }
        }
    }
}

/// The end of a process, to wait for without blocking.
final class Exit: Sendable {
    private let stream: AsyncStream<Int32>

    init(_ process: Process) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        process.terminationHandler = { ended in
            continuation.yield(ended.terminationReason == .uncaughtSignal ? -ended.terminationStatus : ended.terminationStatus)
            continuation.finish()
        }
    }

    /// Negative: the signal that ended it.
    func status() async -> Int32 {
        for await status in stream { return status }
        return -1
    }
}
