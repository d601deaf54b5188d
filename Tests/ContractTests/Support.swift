import Foundation
import TestKit

extension Program {
    /// curl(1) as somebody else's client: status and body.
    static func curl(_ url: String, authority: String, body: String?) async throws -> String {
        let file: String = FileManager.default.temporaryDirectory.appending(path: "vultus-\(UUID().uuidString).pem").path
        try authority.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let arguments: [String] = ["-s", "-w", " %{http_code}", "--cacert", file, url] + (body.map { ["-d", $0] } ?? [])
        return try await runSystem("/usr/bin/curl", arguments).output
    }
}
