/// The columns of an answer, shared by its rows.
package final class SQLColumns: Sendable {
    package let names: [String]
    private let positions: [String: Int]

    package init(_ names: [String]) {
        self.names = names
        positions = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    }

    func position(of name: String) -> Int? { positions[name] }
}

/// One row of an answer. Of two columns of one name, the name finds the last.
package struct SQLRow: Sendable {
    private let index: SQLColumns
    /// In the order of the answer.
    package let values: [SQLValue]

    package init(_ columns: SQLColumns, values: [SQLValue]) {
        index = columns
        self.values = values
    }

    /// In the order of the answer.
    package var columns: [String] { index.names }

    private func value(_ name: String) -> SQLValue? { index.position(of: name).map { values[$0] } }

    package func integer(_ name: String) throws(HubStorageError) -> Int64 {
        guard case .integer(let value)? = value(name) else { throw .unexpectedValue(column: name) }
        return value
    }

    package func text(_ name: String) throws(HubStorageError) -> String {
        guard case .text(let value)? = value(name) else { throw .unexpectedValue(column: name) }
        return value
    }

    package func blob(_ name: String) throws(HubStorageError) -> [UInt8] {
        guard case .blob(let value)? = value(name) else { throw .unexpectedValue(column: name) }
        return value
    }

    package func integerOrNil(_ name: String) throws(HubStorageError) -> Int64? {
        if case .null? = value(name) { return nil }
        return try integer(name)
    }

    package func textOrNil(_ name: String) throws(HubStorageError) -> String? {
        if case .null? = value(name) { return nil }
        return try text(name)
    }

    package func blobOrNil(_ name: String) throws(HubStorageError) -> [UInt8]? {
        if case .null? = value(name) { return nil }
        return try blob(name)
    }
}
