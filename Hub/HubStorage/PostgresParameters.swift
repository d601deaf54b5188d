import CPostgres

/// Values as libpq takes them: all in binary, in one piece of memory.
struct PostgresParameters {
    let types: [Oid]
    /// Begins with a byte that belongs to nobody, so that an empty value still has an address: libpq reads none as NULL.
    private var bytes: [UInt8] = [0]
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [SQLValue]) {
        types = values.map { value in
            switch value {
            case .null: 0  // the server infers it
            case .integer: PostgresType.int8
            case .text: PostgresType.text
            case .blob: PostgresType.bytea
            }
        }
        for value in values {
            let start: Int = bytes.count
            switch value {
            case .null: break
            case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .blob(let blob): bytes.append(contentsOf: blob)
            }
            offsets.append(value == .null ? nil : start)
            lengths.append(Int32(bytes.count - start))
        }
    }

    func withPointers<Value>(
        _ body: (_ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { bytes in
            let start: UnsafePointer<CChar> = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)  // never empty
            let pointers: [UnsafePointer<CChar>?] = offsets.map { $0.map { start + $0 } }
            let formats: [Int32] = Array(repeating: 1, count: offsets.count)
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { body(pointers.baseAddress, lengths.baseAddress, $0.baseAddress) }
                }
            }
        }
    }
}

/// Types by the numbers they have in every PostgreSQL (`pg_type.dat`).
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let void: Oid = 2278
}
