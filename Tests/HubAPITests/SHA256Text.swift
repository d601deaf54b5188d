import Crypto
import WireModel

enum SHA256Text {
    static func of(_ text: String) -> String { SHA256.hash(data: Array(text.utf8)).hexadecimal }
}
