import Crypto
import FoundationEssentials

/// The one way Vultus writes and reads JSON: keys sorted, so that equal values are equal bytes.
package enum JSON {
    package static func bytes(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    package static func text(_ value: some Encodable, pretty: Bool = false) throws -> String {
        String(decoding: try bytes(value, pretty: pretty), as: UTF8.self)
    }

    /// Short, and another when anything of the value is another: 16 hexadecimal digits of SHA-256.
    package static func mark(_ value: some Encodable) throws -> String { Array(SHA256.hash(data: try bytes(value)).prefix(8)).hexadecimal }

    package static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    package static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try value(type, from: [UInt8](text.utf8))
    }
}
