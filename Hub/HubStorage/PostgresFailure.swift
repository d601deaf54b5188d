/// What PostgreSQL answered instead of a result: a code, and none of its words, which could quote values.
struct PostgresFailure: Error {
    /// SQLSTATE.
    let state: String
    var isLinkLost: Bool = false
    /// The prepared statement was made for a table that has since changed, or is gone.
    var isStaleStatement: Bool = false

    /// Serialisation failure or deadlock: the whole transaction may be tried again.
    var isConflict: Bool { state == "40001" || state == "40P01" }

    /// A duplicate that another's commit may have made of what was looked up before: beside other writes it is a conflict in
    /// disguise, "as if it had been a serialization failure"; alone it is what it says
    /// (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
    var isDuplicate: Bool { state == "23505" }

    /// This server no longer takes writes: another may.
    var isReadOnlyServer: Bool { state == "25006" }

    /// Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
    func error(server: String) -> HubStorageError {
        let unavailable: HubStorageError = .unavailable(code: 0, state: state, server: server)
        if isLinkLost { return unavailable }
        switch state {
        case "40001", "40P01", "55P03", "57014": return .busy  // also lock and statement time-outs
        case "53100": return .full
        case "XX001", "XX002": return .damaged
        case "08P01": return .statement(code: 0, state: state)  // the protocol was broken, by us
        case "25006", "42501": return unavailable  // read-only server; a right that was not granted
        default: break
        }
        switch state.prefix(2) {
        case "23": return .constraint
        case "08", "28", "3D", "53", "57", "58": return unavailable
        default: return .statement(code: 0, state: state)
        }
    }
}
