import Foundation

/// A real hub in a process of its own, on a loopback port.
package final class HubProcess {
    package let url: String
    /// Of its plain listener.
    package let metricsURL: String
    /// Of its listener for a reverse proxy, without TLS, where `--web` was among the arguments.
    package let webURL: String?
    private let process: Process
    private let exit: Exit

    /// Starts a hub on `directory` and waits until it listens.
    /// - Parameter port: 0 lets the system choose; give the former one to come back at the same address.
    package init(
        directory: String, port: Int = 0, arguments: [String] = [], wrapper: [String] = [], environment: [String: String] = [:]
    ) async throws {
        process = Program.make(
            "vultus-hub", ["serve", "--data", directory, "--listen", "127.0.0.1:\(port)", "--metrics", "127.0.0.1:0", "--json"] + arguments,
            environment: environment, wrapper: wrapper)
        let output = Pipe()
        process.standardOutput = output
        let log: String = directory + ".log"
        if !FileManager.default.fileExists(atPath: log) { FileManager.default.createFile(atPath: log, contents: nil) }
        let errors = try FileHandle(forWritingTo: URL(filePath: log))
        try errors.seekToEnd()
        process.standardError = errors
        exit = Exit(process)
        try process.run()
        // Foundation keeps a process's handles for ever, and a test of many hubs runs out of them.
        try? errors.close()
        var urls: [String: String] = [:]
        let wanted: Int = arguments.contains("--web") ? 3 : 2
        for try await line in output.fileHandleForReading.lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            if let what = object?["listening"], let url = object?["url"] { urls[what] = url }
            if urls.count == wanted { break }
        }
        guard let url = urls["devices"], let metrics = urls["metrics"] else {
            // Its output has ended, and so does it; one that does not is ended with this object.
            throw HubDidNotStart(log: try String(contentsOfFile: log, encoding: .utf8), status: await exit.status())
        }
        self.url = url
        metricsURL = metrics
        webURL = urls["web"]
    }

    package var port: Int { Int(url.split(separator: ":").last!)! }

    /// SIGTERM, and wait for the end.
    package func stop() async -> Int32 {
        process.terminate()
        return await exit.status()
    }

    /// SIGKILL, and wait for the end.
    package func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        _ = await exit.status()
    }

    deinit { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
}

package struct HubDidNotStart: Error {
    package let log: String
    /// Negative: the signal that ended it.
    package let status: Int32
}

extension FileHandle {
    /// Lines as they come. Read on a queue, because reading blocks.
    var lines: AsyncThrowingStream<String, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: String.self)
        DispatchQueue.global().async {
            var rest = Data()
            while true {
                let part: Data = self.availableData
                if part.isEmpty {
                    try? self.close()
                    return continuation.finish()
                }
                rest += part
                while let end = rest.firstIndex(of: 10) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeSubrange(...end)
                }
            }
        }
        return stream
    }
}
