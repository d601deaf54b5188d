import Foundation
import HubStorage

/// A folder with a hub, an account and as many devices as asked for; gone when the test ends.
package final class World {
    package let folder: String
    package let hubFolder: String
    /// The hub, while it runs.
    package private(set) var hub: HubProcess?
    /// Below the range the system gives to outgoing connections, so that nobody takes it while the hub is away.
    private var port: Int = Int.random(in: 20_000..<30_000)
    private var hasServed: Bool = false

    package static let account: String = "Acme"

    /// Pictures that `deploy/setup` fetched.
    package static let pictures: String = models + "/demo"

    /// Models that `deploy/setup` fetched.
    package static let models: String = ProcessInfo.processInfo.environment["VULTUS_MODELS"] ?? Program.repository + "/.models"

    /// Where the hub's rows are.
    package let database: TestDatabase

    /// - Parameter engine: what the hub is kept in.
    package init(_ engine: TestEngine = .current) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vultus-test-\(UUID().uuidString)").path
        hubFolder = folder + "/hub"
        database = engine == .sqlite ? TestDatabase(file: hubFolder + "/hub.sqlite") : try TestDatabase(engine)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        hub = nil
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Account, prices and quotas, and the hub serving.
    package func open(quota: Int = 1_000, credit: Int = 1_000, priceOptions: [String] = []) async throws {
        _ = try await operate("init")
        try await openAccount()
        for api in ["face.search", "face.compare"] {
            _ = try await operate(["price", "set", api, "--price", "0.015"] + priceOptions)
            _ = try await operate("quota", "set", Self.account, api, "--units", "\(quota)")
        }
        _ = try await operate("billing", "credit", Self.account, "\(credit)")
        try await startHub()
    }

    package static let owner: String = "owner@acme.example"
    package static let password: String = "correct horse battery staple"

    /// The whole road from nothing to an active account, at the shell: invited by mail, accepted with the mailed token.
    package func openAccount(_ name: String = World.account, owner: String = World.owner) async throws {
        _ = try await operate("admin", "account", "open", name, "--email", owner)
        let input = Data((Self.password + "\n").utf8)
        _ = try await operate(["admin", "account", "activate", try await mailedToken(owner), "--accept"], input: input)
    }

    /// What hub commands are told by the environment: nothing where the hub keeps its rows in its own directory.
    package var hubEnvironment: [String: String] { database.location.engine == .sqlite ? [:] : ["VULTUS_HUB_DATABASE": database.argument] }

    package func startHub(arguments: [String] = [], wrapper: [String] = [], environment: [String: String] = [:]) async throws {
        while true {
            do {
                hub = try await HubProcess(
                    directory: hubFolder, port: port, arguments: arguments, wrapper: wrapper, environment: hubEnvironment.merging(environment) { $1 })
                hasServed = true
                return
            } catch let error as HubDidNotStart where !hasServed && error.log.contains("conflict") {
                // Another test drew the same port; once devices know it, it stays.
                port = Int.random(in: 20_000..<30_000)
            }
        }
    }

    package func stopHub() async {
        _ = await hub?.stop()
        hub = nil
    }

    package func killHub() async {
        await hub?.kill()
        hub = nil
    }

    /// Somebody at the hub's API.
    package func visitor(_ side: APIClient.Side = .account) throws -> APIClient {
        try APIClient(hub?.url ?? "", authority: try String(contentsOfFile: hubFolder + "/keys/authority.pem", encoding: .utf8), side: side)
    }

    /// The token in the newest mail to a mailbox.
    package func mailedToken(_ mailbox: String) async throws -> String {
        let mail = try await operate("admin", "mail", "show", mailbox).json() as? [String: Any]
        return mail?["token"] as? String ?? ""
    }

    /// A hub command, as JSON.
    /// - Parameter data: whether it is of a hub at all.
    @discardableResult
    package func operate(_ arguments: String..., data: Bool = true) async throws -> Outcome {
        try await data ? operate(arguments) : Program.run("vultus-hub", arguments + ["--json"])
    }

    package func operate(_ arguments: [String], input: Data? = nil, during: (pid_t) async throws -> Void = { _ in }) async throws -> Outcome {
        try await Program.run("vultus-hub", arguments + ["--data", hubFolder, "--json"], environment: hubEnvironment, input: input, during: during)
    }

    /// An edge command, as JSON.
    @discardableResult
    package func edge(
        _ arguments: [String], device: String = "edge", input: Data? = nil, wrapper: [String] = [], during: (pid_t) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        try await Program.run(
            "vultus-edge", arguments + ["--data", folder + "/" + device, "--json"], input: input, wrapper: wrapper, during: during)
    }

    package func token(minutes: Int = 30) async throws -> String {
        let answer = try await operate("device", "token", Self.account, "--minutes", "\(minutes)").json() as? [String: Any]
        return answer?["token"] as? String ?? ""
    }

    @discardableResult
    package func join(device: String = "edge") async throws -> Outcome {
        try await edge(["join", hub?.url ?? "", "--token", try await token(), "--label", device], device: device)
    }

    /// Units of `api` by the edge's journal, the hub's ledger and the invoice.
    package func counts(api: String = "face.search", device: String = "edge") async throws -> (edge: Int, hub: Int, invoice: Int) {
        let status = try await edge(["status"], device: device).json() as? [String: Any]
        let usage = try await operate("usage", Self.account).json() as? [[String: Any]]
        let invoice = try await operate("invoice", Self.account).json() as? [String: Any]
        func sum(_ rows: [[String: Any]]?) -> Int { (rows ?? []).filter { $0["api"] as? String == api }.reduce(0) { $0 + ($1["units"] as? Int ?? 0) } }
        return ((status?["units"] as? [String: Int])?[api] ?? 0, sum(usage), sum(invoice?["lines"] as? [[String: Any]]))
    }

    /// The path of a demo picture.
    package static func picture(_ name: String) -> String { pictures + "/" + name }
}
