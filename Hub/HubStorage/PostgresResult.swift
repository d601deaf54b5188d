import CPostgres

/// One answer of the server; its memory goes with it.
final class PostgresResult {
    private let result: OpaquePointer

    /// - Parameter result: of a `PQexec` function on `connection`.
    init(_ result: OpaquePointer?, _ connection: OpaquePointer) throws(PostgresFailure) {
        guard let result else { throw PostgresFailure(state: "08006", isLinkLost: PQstatus(connection) == CONNECTION_BAD) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            self.result = result
        default:
            let state: String = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? "08006"
            PQclear(result)
            // 57P0x: the server is going down or ended this session; 25P03: it ended it for idling.
            throw PostgresFailure(state: state, isLinkLost: PQstatus(connection) == CONNECTION_BAD || state.hasPrefix("57P0") || state == "25P03")
        }
    }

    deinit { PQclear(result) }

    /// `INSERT 0 3`, `COMMIT`, …
    var tag: String { String(cString: PQcmdStatus(result)) }

    var rowsChanged: Int {
        switch tag.prefix(6) {
        case "INSERT", "UPDATE", "DELETE": Int(String(cString: PQcmdTuples(result))) ?? 0
        default: 0
        }
    }

    var count: Int { Int(PQntuples(result)) }

    func rows() throws(HubStorageError) -> [SQLRow] {
        let width: Int32 = PQnfields(result)
        let columns = SQLColumns((0..<width).map { String(cString: PQfname(result, $0)) })
        let types: [Oid] = (0..<width).map { PQftype(result, $0) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(count)
        for row in 0..<Int32(count) {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(width))
            for column in 0..<width {
                guard PQgetisnull(result, row, column) == 0 else {
                    values.append(.null)
                    continue
                }
                let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
                guard let value = Self.value(bytes, types[Int(column)]) else { throw .unexpectedValue(column: columns.names[Int(column)]) }
                values.append(value)
            }
            rows.append(SQLRow(columns, values: values))
        }
        return rows
    }

    /// Of the binary format.
    private static func value(_ bytes: UnsafeRawBufferPointer, _ type: Oid) -> SQLValue? {
        switch type {
        case PostgresType.int8: .integer(integer(bytes, Int64.self))
        case PostgresType.int4: .integer(Int64(integer(bytes, Int32.self)))
        case PostgresType.int2: .integer(Int64(integer(bytes, Int16.self)))
        case PostgresType.oid: .integer(Int64(integer(bytes, UInt32.self)))
        case PostgresType.bool: .integer(bytes.first == 1 ? 1 : 0)
        case PostgresType.numeric: whole(bytes).map(SQLValue.integer)
        case PostgresType.text, PostgresType.varchar, PostgresType.name: .text(String(decoding: bytes, as: UTF8.self))
        case PostgresType.bytea: .blob([UInt8](bytes))
        case PostgresType.void: .null
        default: nil
        }
    }

    private static func integer<Integer: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _: Integer.Type) -> Integer {
        Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }

    /// A `numeric` (what `sum` of BIGINT is) without a fraction and within Int64; nil for any other. Its form: count of digits, power of
    /// the first, sign, shown fraction, then digits to the base 10,000, each in 16 bits (`numeric_send` of PostgreSQL).
    private static func whole(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let words: [Int16] = stride(from: 0, to: bytes.count - 1, by: 2).map { integer(UnsafeRawBufferPointer(rebasing: bytes[$0..<($0 + 2)]), Int16.self) }
        guard words.count >= 4, words.count == 4 + Int(words[0]) else { return nil }
        let (power, sign, digits) = (Int(words[1]), UInt16(bitPattern: words[2]), words.dropFirst(4))
        guard sign == 0 || sign == 0x4000, digits.count <= power + 1 || digits.isEmpty else { return nil }
        // Downwards from zero, because Int64 reaches one further there.
        var value: Int64 = 0
        for position in 0..<max(0, digits.isEmpty ? 0 : power + 1) {
            let digit = Int64(position < digits.count ? digits[digits.startIndex + position] : 0)
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10_000)
            let (next, underflow) = scaled.subtractingReportingOverflow(digit)
            guard !overflow, !underflow else { return nil }
            value = next
        }
        if sign == 0x4000 { return value }
        return value == .min ? nil : -value
    }
}
