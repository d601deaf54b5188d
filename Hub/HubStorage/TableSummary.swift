import Crypto
import WireModel

/// What a table holds, in a form two databases can be compared by.
package struct TableSummary: Codable, Sendable, Hashable {
    package let name: String
    package let rows: Int
    /// Lower-case hexadecimal, over the column names and every row in the order of the primary key.
    package let sha256: String
}

/// Makes a ``TableSummary`` of rows as they pass.
struct TableDigest {
    private let layout: TableLayout
    private var hash = SHA256()
    private var rows: Int = 0

    init(_ layout: TableLayout) {
        self.layout = layout
        var bytes: [UInt8] = []
        for column in layout.columns { Self.append(column.utf8, tag: UInt8(ascii: "c"), to: &bytes) }
        hash.update(data: bytes)
    }

    /// - Parameter row: of ``TableLayout/selection``.
    mutating func add(_ row: SQLRow) {
        var bytes: [UInt8] = [UInt8(ascii: "r")]
        for value in row.values {
            switch value {
            case .null: bytes.append(UInt8(ascii: "n"))
            case .integer(let integer):
                bytes.append(UInt8(ascii: "i"))
                withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text): Self.append(text.utf8, tag: UInt8(ascii: "t"), to: &bytes)
            case .blob(let blob): Self.append(blob, tag: UInt8(ascii: "b"), to: &bytes)
            }
        }
        hash.update(data: bytes)
        rows += 1
    }

    func summary() -> TableSummary {
        TableSummary(name: layout.name, rows: rows, sha256: hash.finalize().hexadecimal)
    }

    private static func append(_ content: some Collection<UInt8>, tag: UInt8, to bytes: inout [UInt8]) {
        bytes.append(tag)
        withUnsafeBytes(of: UInt64(content.count).bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: content)
    }
}

extension SQLConnection {
    func summary(of layout: TableLayout) throws -> TableSummary {
        var digest = TableDigest(layout)
        try forEachRow(layout.selection, []) { digest.add($0) }
        return digest.summary()
    }
}
