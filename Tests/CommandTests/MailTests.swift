import Foundation
import HubAPI
import RecognitionAPI
import TestKit
import Testing
import WireModel

@Suite("Mail from a serving hub")
struct MailTests {
    @Test("what a registration mails arrives over SMTP, and its token opens the account; what the server was told is in the outbox", .timeLimit(.minutes(2)))
    func overSMTP() async throws {
        let world = try World()
        _ = try await world.operate("init")
        let (record, port): (String, String) = (world.folder + "/mail.jsonl", world.folder + "/port")
        let peers: String = Program.repository + "/Tests/HubOutboundTests/Peers/"
        guard FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd") else {
            print("NOTICE: python3-aiosmtpd is not installed: mail over SMTP is not tested. `deploy/setup --tests` installs it.")
            return
        }
        let started: Outcome = try await Program.runSystem(
            "/usr/bin/python3", ["-B", peers + "begin.py", port, "-B", peers + "smtp_peer.py", "--record", record])
        let pid: pid_t = pid_t(started.output.filter(\.isNumber)) ?? 0
        defer { if pid > 0 { kill(pid, SIGKILL) } }
        let listening: String = try await Self.line(of: port)
        try await world.startHub(arguments: ["--smtp", "smtp://127.0.0.1:\(listening)"])

        let visitor: APIClient = try world.visitor()
        let accept: [JSONValue] = try await visitor.get("/v1/agreements").items.map {
            ["document": $0["document"] ?? .null, "number": $0["number"] ?? .null, "hash": $0["textHashes"]?["zh"] ?? .null]
        }
        let body: JSONValue = [
            "kind": "individual", "name": "王小明", "email": "ming@home.example", "password": .string(World.password), "language": "zh", "accept": .array(accept),
        ]
        #expect(try await visitor.post("/v1/account/register", body).status == 202)
        let mail: JSONValue = try JSON.value(JSONValue.self, from: try await Self.line(of: record) { $0.contains("message") })
        let message: JSONValue = mail["message"] ?? .null
        #expect(message["subject"]?.text == "请确认您的电子邮箱")
        let text: String = message["text"]?.text ?? ""
        let token: String = text.split(whereSeparator: \.isNewline).map(String.init).first { $0.hasPrefix("vmt_") } ?? ""
        #expect(try await visitor.post("/v1/account/verify-email", ["token": .string(token)])["standing"] == "active")
        let outbox = try await world.operate("admin", "mail", "list").json() as? [[String: Any]]
        #expect(outbox?.contains { $0["purpose"] as? String == "verify" && $0["state"] as? String == "sent" } == true)
        #expect(try await world.database.rows("SELECT id FROM mail WHERE state = 'sent' AND sealed IS NOT NULL").isEmpty)
    }

    /// The first line of a file that another program writes, once there is one that fits.
    private static func line(of path: String, fits: (String) -> Bool = { _ in true }) async throws -> String {
        while true {
            let lines: [Substring] = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n", omittingEmptySubsequences: true)
            if let line = lines.map(String.init).first(where: fits) { return line }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
