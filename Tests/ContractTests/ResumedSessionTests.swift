import Crypto
import EdgeStore
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("A device whose TLS session is resumed")
struct ResumedSessionTests {
    /// OpenSSL's own client, which keeps its session in a file and tells whether the hub took it up again.
    private struct Client {
        let folder: String
        let host: String
        let identity: DeviceIdentity

        init(_ store: EdgeStore, _ served: JoinableHub) throws {
            (folder, identity) = (served.folder, try store.identity())
            host = String(served.url.dropFirst("https://".count))
            for (name, text) in [
                ("device.pem", identity.certificatePEM), ("device.key", identity.key.pemRepresentation), ("authority.pem", identity.authorityPEM),
            ] {
                try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
            }
        }

        /// One request on a connection of its own.
        /// - Returns: what OpenSSL says of the connection, and the hub's answer.
        func sync(resuming: Bool) async throws -> String {
            let head = JournalHead(epoch: 1, seq: 0, hash: .genesis)
            let signature = Base64(try identity.key.signature(for: head.signedBytes(device: identity.device)).rawRepresentation)
            let body: String = try JSON.text(
                SyncRequest(
                    agentVersion: "0", head: head, headSignature: signature, entries: [], leases: [], deviceTime: SystemClock().now().wall, hubEpoch: 1))
            let request: String =
                "POST \(Routes.sync) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
            let session: [String] = resuming ? ["-sess_in", folder + "/session"] : ["-sess_out", folder + "/session"]
            let words: [String] = [
                "s_client", "-connect", host, "-cert", folder + "/device.pem", "-key", folder + "/device.key", "-CAfile", folder + "/authority.pem", "-ign_eof",
            ]
            return try await Program.run("", words + session, input: Data((request + body).utf8), wrapper: ["/usr/bin/openssl"]).output
        }
    }

    @Test("is heard while it counts, and refused in the same session once it is revoked")
    func revoked() async throws {
        let served = try await JoinableHub()
        let store: EdgeStore = try await served.device()
        let client = try Client(store, served)
        let first: String = try await client.sync(resuming: false)
        #expect(first.contains("New, TLSv1.3") && first.contains("HTTP/1.1 200"))
        let second: String = try await client.sync(resuming: true)
        #expect(second.contains("Reused, TLSv1.3") && second.contains("HTTP/1.1 200"))
        _ = try await served.hub.revokeDevice(client.identity.device, by: .test)
        let third: String = try await client.sync(resuming: true)
        #expect(third.contains("Reused, TLSv1.3") && third.contains("HTTP/1.1 40") && third.contains(ProblemCode.deviceRevoked.rawValue))
    }
}
