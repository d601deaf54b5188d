import Crypto
import HubAccess
import HubStorage
import WireModel

/// A device without a token that asks to be taken in. What it says of itself is its own word; its key alone is proven.
package struct WaitingDevice: Sendable, Codable, Hashable {
    package let id: WaitingDeviceID
    /// To be compared with what the device shows.
    package let fingerprint: KeyFingerprint
    package let label: String
    package let model: String
    package let agentVersion: String
    /// Where it last asked from.
    package let address: String
    /// Since when it waits.
    package let created: Timestamp
    /// When it last asked.
    package let seen: Timestamp
    package let refused: Timestamp?
    /// Why, as the device is told.
    package let refusal: String?

    init(_ row: SQLRow) throws {
        guard let id = WaitingDeviceID(rawValue: try row.text("id")), let fingerprint = KeyFingerprint(thumbprint: try row.text("key_thumbprint")) else {
            throw HubStorageError.damaged
        }
        self.id = id
        self.fingerprint = fingerprint
        label = try row.text("label")
        model = try row.text("model")
        agentVersion = try row.text("agent_version")
        address = try row.text("address")
        created = try row.time("created_ms")
        seen = try row.time("seen_ms")
        refused = try row.timeOrNil("refused_ms")
        refusal = try row.textOrNil("refusal")
    }
}

/// Strangers may ask too: what bounds them.
package enum WaitingLimit {
    /// Requests of one network (an IPv4 address, an IPv6 /64), those that were refused included.
    package static let perNetwork: Int64 = 50
    /// Who has not asked for so long waits no more.
    package static let silence: Duration = .seconds(3_600)
    /// For so long a refused key stays refused.
    package static let refusal: Duration = .seconds(7 * 86_400)
    /// A row is written anew at most so often, however often its device asks.
    static let touch: Duration = .seconds(20)

    /// When a device that has waited for so long asks again.
    static func pause(after waited: Duration) -> Duration {
        waited < .seconds(600) ? .seconds(3) : waited < .seconds(3_600) ? .seconds(15) : .seconds(60)
    }
}

/// The rows of those who wait.
struct WaitingDevices {
    let connection: any SQLConnection
    let now: Timestamp

    private func ago(_ duration: Duration) -> SQLValue { .integer(now.advanced(by: .zero - duration).milliseconds) }

    /// Those whose time is over.
    func clear() throws {
        try connection.execute(
            "DELETE FROM waiting_device WHERE (refused_ms IS NULL AND seen_ms < ?) OR refused_ms < ?", [ago(WaitingLimit.silence), ago(WaitingLimit.refusal)])
    }

    /// Longest first.
    func all(refused: Bool) throws -> [WaitingDevice] {
        try connection.rows(
            refused
                ? "SELECT * FROM waiting_device WHERE refused_ms >= ? ORDER BY refused_ms DESC, id"
                : "SELECT * FROM waiting_device WHERE refused_ms IS NULL AND seen_ms >= ? ORDER BY created_ms, id",
            [ago(refused ? WaitingLimit.refusal : WaitingLimit.silence)]
        ).map(WaitingDevice.init)
    }

    func row(key thumbprint: String) throws -> SQLRow? {
        try connection.firstRow("SELECT * FROM waiting_device WHERE key_thumbprint = ?", [.text(thumbprint)])
    }

    /// - Parameter reference: an id, or a whole fingerprint as somebody typed it.
    func row(_ reference: String) throws -> SQLRow {
        let typed: KeyFingerprint? = KeyFingerprint(typed: reference)
        let found: WaitingDevice? = try (all(refused: false) + all(refused: true)).first { $0.id.rawValue == reference || $0.fingerprint == typed }
        guard let found, let row = try connection.firstRow("SELECT * FROM waiting_device WHERE id = ?", [.text(found.id.rawValue)]) else {
            throw Problem(
                .notFound, "No such device waits.", detail: reference,
                remedy: "`vultus-hub device waiting` shows those that do; one that has not asked for an hour is not among them.")
        }
        return row
    }

    func admit(_ request: WaitingRequest, key: P256.Signing.PublicKey, address: String) throws {
        try clear()
        let most: Int64 = Int64(try Settings(connection)[.waitingDevices]) ?? 0
        guard most > 0 else {
            throw Problem(.joinRefused, "This hub takes no device without a token.", remedy: "Ask the operator for one: `vultus-edge join HUB --token …`.")
        }
        let network: String = SignInThrottle.network(address)
        let (all, here): (Int64, Int64) = (
            try connection.rows("SELECT count(*) AS count FROM waiting_device WHERE refused_ms IS NULL", [])[0].integer("count"),
            try connection.rows("SELECT count(*) AS count FROM waiting_device WHERE network = ?", [.text(network)])[0].integer("count")
        )
        guard all < most, here < WaitingLimit.perNetwork else {
            throw Problem(
                .tooManyAttempts, "As many devices wait for approval as the hub lets.", detail: all < most ? "from this network" : "in all",
                remedy: "Have the operator decide on those that wait (`vultus-hub device waiting`), or ask for a token.")
        }
        try connection.execute(
            """
            INSERT INTO waiting_device (id, key_thumbprint, public_key, label, model, agent_version, address, network, created_ms, seen_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_thumbprint) DO NOTHING
            """,
            [
                .text(WaitingDeviceID(at: now).rawValue), .text(NewDevice.thumbprint(of: key)), .blob([UInt8](key.rawRepresentation)), .text(request.label),
                .text(request.model), .text(request.agentVersion), .text(address), .text(network), .integer(now.milliseconds), .integer(now.milliseconds),
            ])
    }

    func touch(_ id: WaitingDeviceID, _ request: WaitingRequest, address: String) throws {
        try connection.execute(
            "UPDATE waiting_device SET label = ?, model = ?, agent_version = ?, address = ?, seen_ms = ? WHERE id = ?",
            [
                .text(request.label), .text(request.model), .text(request.agentVersion), .text(address), .integer(now.milliseconds), .text(id.rawValue),
            ])
    }
}

extension WaitingRequest {
    /// Strangers' words are shown to operators: one line, and nothing that turns its direction.
    func check() throws(Problem) {
        func isLine(_ text: String) -> Bool {
            text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0.properties.generalCategory != .format }
        }
        guard (1...100).contains(label.count), model.count <= 100, agentVersion.utf8.count <= 40, [label, model, agentVersion].allSatisfy(isLine) else {
            throw Problem(
                .invalidRequest, "A device's label has 1 to 100 characters, its model up to 100, without control characters.", remedy: "Choose another label.")
        }
    }
}
