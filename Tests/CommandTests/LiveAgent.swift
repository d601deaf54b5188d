import Foundation
import RecognitionAPI
import TestKit
import WireModel

/// `vultus-edge run -` on a camera program that sends one picture over and over, while a test looks on.
struct LiveAgent {
    let world: World
    /// Of the agent's API.
    let socket: String

    init() async throws {
        world = try World()
        socket = world.folder + "/api"
        try await world.open()
        try await world.join()
    }

    /// Ends with SIGTERM when `body` has.
    /// - Returns: what the agent left behind.
    func watch(_ picture: String, _ options: [String] = [], _ body: () async throws -> Void) async throws -> Outcome {
        let camera: String = "exec \"$@\" < <(while cat \(World.picture(picture)); do sleep 0.1; done)"
        return try await world.edge(
            ["run", "-", "--sync-every", "0", "--processor-share", "1", "--listen", "unix:" + socket] + options,
            wrapper: ["/bin/bash", "-c", camera, "camera"]
        ) { process in
            defer { kill(process, SIGTERM) }
            while !FileManager.default.fileExists(atPath: socket) { try await Task.sleep(for: .milliseconds(50)) }
            try await body()
        }
    }

    /// What curl got of a path until `pattern` was in it, or a minute was over.
    func read(_ path: String, until pattern: String, _ arguments: [String] = []) async throws -> String {
        let line: String = "curl -sSN --max-time 60 --unix-socket \(socket) \"$@\" http://localhost\(path) | grep -m 1 -B 1000 -A 3 -E '\(pattern)'"
        return try await Program.runSystem("/bin/bash", ["-c", line, "curl"] + arguments).output
    }
}

/// Server-sent events, as a browser reads them.
struct ServerEvent {
    var name: String = "message"
    var id: String = ""
    var data: JSONValue = .null

    static func read(_ text: String) -> [ServerEvent] {
        text.components(separatedBy: "\n\n").compactMap { block in
            var event = ServerEvent()
            var hasData: Bool = false
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                let parts: [Substring] = line.split(separator: ":", maxSplits: 1)
                let value = String(parts.last?.drop { $0 == " " } ?? "")
                switch parts.first {
                case "event": event.name = value
                case "id": event.id = value
                case "data": (event.data, hasData) = ((try? JSON.value(JSONValue.self, from: value)) ?? .null, true)
                default: break
                }
            }
            return hasData ? event : nil
        }
    }
}
