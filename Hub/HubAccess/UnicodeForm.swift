import CIDN2

/// Unicode normalisation (UAX #15) through libunistring: FoundationEssentials has none, and full Foundation costs memory.
enum UnicodeForm {
    /// Composed, nothing else changed.
    static func nfc(_ text: String) -> String { normalised(text, vultus_unicode_nfc) }

    /// Composed, with compatibility characters (full width, ligatures, other spaces) replaced by what they stand for.
    static func nfkc(_ text: String) -> String { normalised(text, vultus_unicode_nfkc) }

    /// Unicode's simple lower case, scalar by scalar, then NFC. Only U+0130 has a longer full mapping, which starts
    /// with the simple one (UnicodeData.txt, SpecialCasing.txt).
    static func lowercased(_ text: String) -> String {
        var lower = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            lower.append(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
        }
        return nfc(String(lower))
    }

    private typealias Form = (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<UInt8>?

    private static func normalised(_ text: String, _ form: Form) -> String {
        let bytes: [UInt8] = Array(text.utf8)
        // Most text is ASCII, which every form leaves as it is.
        guard bytes.contains(where: { $0 >= 0x80 }) else { return text }
        var count: Int = 0
        guard let result: UnsafeMutablePointer<UInt8> = form(bytes, bytes.count, &count) else { return text }
        defer { free(result) }
        return String(decoding: UnsafeBufferPointer(start: result, count: count), as: UTF8.self)
    }
}
