import Glibc
import ServiceSupport
import WireModel

/// The secret by which programs of this machine may use the device's API: whoever can read the file may.
package struct LocalToken: Sendable {
    /// 64 hexadecimal digits.
    private let text: String
    package let path: String

    /// The token of a device, made when there is none yet.
    /// - Parameter directory: the device's.
    package init(in directory: String) throws(Problem) {
        path = directory + "/local-token"
        if let bytes = try PrivateFiles.read(path) {
            let kept = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            guard [UInt8](hexadecimal: kept)?.count == 32 else {
                throw Problem(.storeDamaged, "The token of the device's API is none.", detail: path, remedy: "Remove the file; the next start makes a new one.")
            }
            text = kept
            return
        }
        var random = SystemRandomNumberGenerator()
        text = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }.hexadecimal
        try PrivateFiles.write(Array((text + "\n").utf8), to: path)
    }

    /// Compares in a time that does not tell where the two differ.
    /// - Parameter authorization: the header, as sent.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return false }
        return ConstantTime.isEqual(authorization.dropFirst(7).utf8, text.utf8)
    }
}
