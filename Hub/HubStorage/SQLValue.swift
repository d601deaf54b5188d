/// A value bound to a statement or read from a row: what SQLite and PostgreSQL have in common.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }

    package init(_ value: Int64?) { self = value.map(SQLValue.integer) ?? .null }
    package init(_ value: String?) { self = value.map(SQLValue.text) ?? .null }
}

/// One row of an answer, by column name.
package struct SQLRow: Sendable {
    private let columns: [String: SQLValue]

    package init(_ columns: [String: SQLValue]) { self.columns = columns }

    package func integer(_ name: String) throws(HubStorageError) -> Int64 {
        guard case .integer(let value)? = columns[name] else { throw .unexpectedValue(column: name) }
        return value
    }

    package func text(_ name: String) throws(HubStorageError) -> String {
        guard case .text(let value)? = columns[name] else { throw .unexpectedValue(column: name) }
        return value
    }

    package func blob(_ name: String) throws(HubStorageError) -> [UInt8] {
        guard case .blob(let value)? = columns[name] else { throw .unexpectedValue(column: name) }
        return value
    }

    package func integerOrNil(_ name: String) throws(HubStorageError) -> Int64? {
        if case .null? = columns[name] { return nil }
        return try integer(name)
    }

    package func textOrNil(_ name: String) throws(HubStorageError) -> String? {
        if case .null? = columns[name] { return nil }
        return try text(name)
    }
}
