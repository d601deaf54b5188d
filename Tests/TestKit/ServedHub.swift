import Foundation
import HubAPI
import HubAccess
import HubConsole
import HubDomain
import HubOutbound
import Logging
import RecognitionAPI
import ServiceLifecycle
import ServiceSupport
import Synchronization
import WireModel

/// A hub that really listens, with TLS, in this process, on the engine under test.
package final class ServedHub: Sendable {
    package let folder: String
    package let hub: Hub
    package let url: String
    package let database: TestDatabase
    /// What domains have published, as far as this hub sees.
    package let domains = PublishedDomains()
    private let task: Task<Void, any Error>

    /// - Parameters:
    ///   - proxies: whose `X-Forwarded-For` is believed, for tests that come from many addresses.
    ///   - planted: routes beside the hub's own.
    package init(clock: any TimeSource = SystemClock(), proxies: [String] = [], recogniser: Recogniser = .test, planted: (Hub) -> [Route] = { _ in [] })
        async throws
    {
        let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-served-\(UUID().uuidString)").path
        self.folder = folder
        database = try TestDatabase()
        let hub = try await Hub.open(
            directory: folder + "/hub", database: database.location, mayMake: true, clock: clock, passwords: .quick, resolver: domains)
        self.hub = hub
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let listener = try HubServer(
            hub: hub, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, proxies: proxies.compactMap { AddressRange($0) },
            recogniser: recogniser, pages: { HubPages.routes(hub, serving: $0) }, planted: planted(hub)
        ).deviceListener(HubServer.Address("127.0.0.1:0")!, names: ["127.0.0.1"]) { continuation.yield($0) }
        task = Task { try await listener.run() }
        var port: Int = 0
        for await opened in ports {
            port = opened
            break
        }
        url = "https://127.0.0.1:\(port)"
    }

    deinit {
        task.cancel()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Somebody who is not signed in.
    package func visitor(_ side: APIClient.Side = .account) throws -> APIClient { try APIClient(url, authority: hub.keys.authorityPEM, side: side) }

    package func member(_ email: String, password: String = Hub.testPassword) async throws -> APIClient {
        let client = try visitor()
        let answer: APIAnswer = try await client.signIn(email, password: password)
        guard answer.status == 201 else { throw SignInRefused(answer: answer.text) }
        return client
    }

    /// An operator, invited at the shell, accepted and signed in over the API.
    package func staff(_ role: OperatorRole = .administrator) async throws -> APIClient {
        let email: String = "\(role.rawValue)-\(UUID().uuidString.prefix(8).lowercased())@provider.example"
        _ = try await hub.inviteOperator(try EmailAddress(email), role: role, language: .en, by: .test)
        let client = try visitor(.operator)
        _ = try await client.post(
            "/v1/operator/invitations/accept", ["token": .string(try await hub.mailedToken(email)), "password": .string(Hub.testPassword)])
        let answer: APIAnswer = try await client.signIn(email, password: Hub.testPassword)
        guard answer.status == 201 else { throw SignInRefused(answer: answer.text) }
        return client
    }

    /// The agreements in force, as a page that showed them sends them.
    package func acceptances(_ documents: Set<String>? = nil) async throws -> JSONValue {
        .array(
            try await hub.acceptableTexts(documents).map {
                ["document": .string($0.document), "number": .integer($0.number), "hash": .string($0.hash)]
            })
    }

    /// An enterprise on `domain`, proven, with its owner.
    @discardableResult
    package func enterprise(_ name: String, domain: String) async throws -> Account {
        let owner: String = "owner@\(domain)"
        let account: Account = try await hub.openAccount(name: name, kind: .enterprise, owner: try EmailAddress(owner), language: .en, by: .test)
        _ = try await hub.acceptInvitation(
            token: try await hub.mailedToken(owner), password: Hub.testPassword, accepted: try await hub.acceptableTexts(), address: "192.0.2.1")
        domains.publish(try await hub.domainProof(account.id).challenge, at: "_vultus." + domain)
        _ = try await hub.checkDomain(account.id, by: .test)
        return try await hub.account(account.id.rawValue)
    }

    /// A further member of an enterprise.
    package func join(_ email: String, role: MemberRole, to account: Account) async throws {
        _ = try await hub.invite(try EmailAddress(email), role: role, to: account.id, language: .en, inviter: nil, by: .test)
        _ = try await hub.acceptInvitation(
            token: try await hub.mailedToken(email), password: Hub.testPassword, accepted: [], address: "192.0.2.1")
    }

    /// A key of an application of its own.
    package func key(
        of account: Account, environment: KeyEnvironment = .live, apis: [APIName] = [], addresses: [AddressRange] = [], expires: Timestamp? = nil
    ) async throws -> IssuedKey {
        let application: Application = try await hub.makeApplication("app", account: account.id, by: .test)
        return try await hub.makeKey(
            KeyScope(name: "key", environment: environment, apis: apis, addresses: addresses, expires: expires), application: application.id,
            account: account.id, by: .test)
    }

    package struct SignInRefused: Error {
        package let answer: String
    }
}

/// What domains publish, without a network: `HubOutboundTests` asks real servers.
package final class PublishedDomains: DomainResolver, Sendable {
    private struct State {
        var records: [String: [String]] = [:]
        var files: [String: String] = [:]
        var isDown: Bool = false
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ text: String?, at name: String) { state.withLock { $0.records[name] = text.map { ["v=spf1 -all", $0] } ?? [] } }

    package func publish(file: String?, of domain: String) { state.withLock { $0.files[domain] = file } }

    /// Whether nobody answers.
    package func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    package func texts(at name: String) async throws(DomainResolverError) -> [String] {
        let (texts, isDown): ([String], Bool) = state.withLock { ($0.records[name] ?? [], $0.isDown) }
        if isDown { throw .transient(reason: "no answer") }
        return texts
    }

    package func wellKnownFile(of domain: String) async throws(DomainResolverError) -> String {
        let (text, isDown): (String?, Bool) = state.withLock { ($0.files[domain], $0.isDown) }
        if isDown { throw .transient(reason: "no answer") }
        guard let text else { throw .unexpectedStatus(404) }
        return text
    }
}

extension Recogniser {
    /// On the models that `deploy/setup` fetched, opened once for all tests of the process.
    package static let test: Recogniser = .open(World.models, environment: [:], executablePath: "", pipelines: 2)
}
