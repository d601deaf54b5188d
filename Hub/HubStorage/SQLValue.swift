import Glibc

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
    package init(_ value: [UInt8]?) { self = value.map(SQLValue.blob) ?? .null }
    /// 1 or 0.
    package init(_ value: Bool) { self = .integer(value ? 1 : 0) }
}

extension SQLValue {
    /// - Throws: `.nulInText`: SQLite would keep such a text, PostgreSQL cannot.
    static func checkTexts(_ values: [SQLValue]) throws(HubStorageError) {
        for case .text(var text) in values {
            let holdsNul: Bool = text.withUTF8 { bytes in
                guard let start = bytes.baseAddress else { return false }
                return memchr(start, 0, bytes.count) != nil
            }
            if holdsNul { throw .nulInText }
        }
    }
}
