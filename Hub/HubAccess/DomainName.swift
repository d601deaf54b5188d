import CIDN2

/// Domain names as IDNA2008 has them (RFC 5890–5893), with the mapping of UTS #46, non-transitional, through libidn2.
enum DomainName {
    /// The name in ASCII and lower case, `xn--` labels where there are others than ASCII's.
    /// - Returns: `nil` for what is no host name: a label that IDNA refuses, that has other characters than letters,
    ///   digits and hyphens (RFC 1123 §2.1), that is empty or too long, or that mixes scripts as only forgeries do.
    static func ascii(_ name: String) -> String? {
        // A zero byte would end the text early for C.
        guard !name.isEmpty, !name.utf8.contains(0), let ascii = lookup(name), hasHostForm(ascii) else { return nil }
        guard let unicode = unicode(ascii) else { return nil }
        // libidn2's lookup leaves out the rules for letters that need certain neighbours, and an `xn--` label could hide
        // what no label may have: only what a registry could have registered under that very name is one.
        let labels = zip(unicode.split(separator: "."), ascii.split(separator: "."))
        guard labels.allSatisfy({ $0 == $1 ? !$1.hasPrefix("xn--") : registered($0) == String($1) }) else { return nil }
        guard unicode.split(separator: ".").allSatisfy({ !mixesScripts($0) }) else { return nil }
        return ascii
    }

    /// The name as people read it.
    static func unicode(_ ascii: String) -> String? {
        var result: UnsafeMutablePointer<CChar>?
        guard idn2_to_unicode_8z8z(ascii, &result, 0) == IDN2_OK.rawValue, let result else { return nil }
        defer { idn2_free(result) }
        return String(cString: result)
    }

    private static func lookup(_ name: String) -> String? {
        var result: UnsafeMutablePointer<UInt8>?
        let flags: UInt32 = IDN2_NONTRANSITIONAL.rawValue | IDN2_NFC_INPUT.rawValue
        guard idn2_lookup_u8(Array(name.utf8) + [0], &result, CInt(flags)) == IDN2_OK.rawValue, let result else { return nil }
        defer { idn2_free(result) }
        return String(cString: result).lowercased()
    }

    /// One label after the whole of RFC 5891 §4, contextual rules (RFC 5892 appendix A) included.
    private static func registered(_ label: Substring) -> String? {
        var result: UnsafeMutablePointer<UInt8>?
        guard idn2_register_u8(Array(label.utf8) + [0], nil, &result, CInt(IDN2_NFC_INPUT.rawValue)) == IDN2_OK.rawValue, let result else { return nil }
        defer { idn2_free(result) }
        return String(cString: result)
    }

    /// RFC 1035 §2.3.4: 63 bytes a label, 253 a name as it is written.
    private static func hasHostForm(_ ascii: String) -> Bool {
        guard ascii.utf8.count <= 253 else { return false }
        return ascii.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            let bytes: [UInt8] = Array(label.utf8)
            guard 1...63 ~= bytes.count, bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else { return false }
            // Two hyphens in places three and four are kept for `xn--` (RFC 5891 §4.2.3.1).
            if bytes.count >= 4, bytes[2...3].elementsEqual("--".utf8), !label.hasPrefix("xn--") { return false }
            return bytes.allSatisfy {
                $0 == UInt8(ascii: "-") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }
        }
    }

    /// Latin, Greek and Cyrillic share letters to the eye; a label of two of them is a forgery (UTS #39 §5.2, after its
    /// moderately restrictive level). A whole label of look-alikes passes: only a registry can tell.
    private static func mixesScripts(_ label: Substring) -> Bool {
        var found: Set<String> = []
        for scalar in label.unicodeScalars {
            guard let name = vultus_unicode_script(scalar.value) else { continue }
            let script = String(cString: name)
            if ["Latin", "Greek", "Cyrillic"].contains(script) { found.insert(script) }
        }
        return found.count > 1
    }
}
