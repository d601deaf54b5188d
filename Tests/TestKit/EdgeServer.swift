import Foundation
import RecognitionAPI
import WireModel

/// An answer of a device's API.
package struct LocalAnswer: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let json: JSONValue

    package subscript(_ member: String) -> JSONValue { json[member] ?? .null }
    package var items: [JSONValue] { json["items"]?.items ?? [] }
    package var faces: [JSONValue] { json["faces"]?.items ?? [] }
    /// `code` of a problem document.
    package var code: ProblemCode? { json["code"]?.text.flatMap(ProblemCode.init(rawValue:)) }

    /// What does not fit the schema of that name; `nil` when everything does.
    package func fault(_ name: String) -> String? {
        let components: [String: Schema] = RecognitionSchemas.components.merging(["Problem": RecognitionSchemas.problem]) { $1 }
        return Schema.reference(name).resolved(by: components).fault(in: json)
    }
}

/// `vultus-edge serve` in a process of its own, called as programs call it: by curl.
package final class EdgeServer: Sendable {
    package let url: String
    /// Everything it wrote to its log.
    package let log: String
    private let directory: String
    private let socket: String?
    private let process: Process
    private let exit: Exit

    /// - Parameter socket: a Unix socket to listen on in place of a loopback port.
    package init(directory: String, socket: String? = nil, arguments: [String] = []) async throws {
        self.directory = directory
        self.socket = socket
        let place: [String] = socket.map { ["--socket", $0] } ?? ["--listen", "127.0.0.1:0"]
        process = Program.make(
            "vultus-edge", ["serve", "--data", directory, "--sync-every", "0", "--json"] + place + arguments, environment: [:], wrapper: [])
        let output = Pipe()
        process.standardOutput = output
        log = directory + ".log"
        guard FileManager.default.createFile(atPath: log, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let errors = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardError = errors
        exit = Exit(process)
        try process.run()
        try? errors.close()
        for try await line in output.fileHandleForReading.lines {
            guard let object = try? JSON.value(JSONValue.self, from: line), let url = object["url"]?.text else { continue }
            self.url = socket == nil ? url : "http://localhost"
            return
        }
        throw HubDidNotStart(log: try String(contentsOfFile: log, encoding: .utf8), status: await exit.status())
    }

    /// What programs send.
    package var token: String {
        get throws { try String(contentsOfFile: directory + "/local-token", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// - Parameters:
    ///   - arguments: of curl, such as `-F image=@file`.
    ///   - token: `nil` sends the device's own, where it has one.
    package func call(_ method: String, _ path: String, _ arguments: [String] = [], token: String? = nil) async throws -> LocalAnswer {
        var line: [String] = ["-sS", "-i", "-X", method, "-H", "Expect:", "--max-time", "60"]
        if let socket { line += ["--unix-socket", socket] }
        if socket == nil { line += ["-H", "Authorization: Bearer \(try token ?? self.token)"] }
        let outcome: Outcome = try await Program.runSystem("/usr/bin/curl", line + arguments + [url + path])
        let parts: [Substring] = outcome.output.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines: [Substring] = parts[0].split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair: [Substring] = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces) }
        }
        let status: Int = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        let json: JSONValue = parts.count == 2 ? (try? JSON.value(JSONValue.self, from: String(parts[1]))) ?? .null : .null
        return LocalAnswer(status: status, headers: headers, json: json)
    }

    package func get(_ path: String) async throws -> LocalAnswer { try await call("GET", path) }

    /// With a JSON body, handed to curl in a file.
    package func send(_ method: String, _ path: String, _ body: JSONValue) async throws -> LocalAnswer {
        let file: String = directory + ".body"
        try Data(try JSON.bytes(body)).write(to: URL(filePath: file))
        return try await call(method, path, ["-H", "Content-Type: application/json", "--data-binary", "@" + file])
    }

    /// With a picture as the whole body.
    package func post(_ path: String, picture file: String, type: String = "image/jpeg") async throws -> LocalAnswer {
        try await call("POST", path, ["-H", "Content-Type: \(type)", "--data-binary", "@" + file])
    }

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
