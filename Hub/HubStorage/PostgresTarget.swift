import CPostgres

/// Which PostgreSQL: a connection URI, whose password is never shown.
struct PostgresTarget: Sendable {
    let uri: String
    /// `postgres://user@host:port/database`, or with `?host=` for a socket; for people.
    let redacted: String

    /// What is said of a database that was closed.
    var closed: HubStorageError { .unavailable(code: 0, state: "08003", server: redacted) }

    /// - Throws: `.unavailable` when the URI cannot be read.
    init(uri: String) throws(HubStorageError) {
        // The library's own message could quote the password.
        guard let settings = Self.settings(uri) else {
            throw .unavailable(code: 0, state: "08001", server: "postgres://…", reason: "the connection URI cannot be read")
        }
        self.uri = uri
        redacted = Self.redact(settings)
    }

    private static func redact(_ settings: [String: String]) -> String {
        func part(_ name: String, _ prefix: String = "", _ suffix: String = "") -> String { settings[name].map { prefix + $0 + suffix } ?? "" }
        let host: String = settings["host"] ?? settings["hostaddr"] ?? ""
        let isSocket: Bool = host.hasPrefix("/")
        // Several hosts without ports come as commas alone.
        let hasPort: Bool = part("port", "").contains { $0 != "," }
        return "postgres://" + part("user", "", "@") + (isSocket ? "" : host) + (hasPort ? part("port", ":") : "") + "/" + part("dbname")
            + (isSocket ? "?host=\(host)" : "")
    }

    private static func settings(_ uri: String) -> [String: String]? {
        guard let options = PQconninfoParse(uri, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var at: UnsafeMutablePointer<PQconninfoOption> = options
        while let keyword = at.pointee.keyword {
            if let value = at.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            at += 1
        }
        return settings
    }
}
