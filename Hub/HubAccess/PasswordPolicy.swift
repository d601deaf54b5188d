import WireModel

/// Which passwords are refused, after NIST SP 800-63B-4 §3.1.1: short ones and those that attackers try first. No rules
/// of composition, and no expiry: both make passwords worse.
package enum PasswordPolicy {
    /// In Unicode scalars, after NFKC: NIST counts each code point as one character. 800-63B-4 asks for 15 where a
    /// password is the only factor and 8 where it is one of two; ten and a list of common ones is between them.
    static let length: ClosedRange<Int> = 10...256

    /// - Throws: `.passwordWeak`. Nothing in it repeats the password.
    package static func check(_ password: String, email: String, name: String) throws(Problem) {
        let prepared: String = UnicodeForm.nfkc(password)
        let count: Int = prepared.unicodeScalars.count
        guard count >= length.lowerBound else { throw problem("The password is too short.", "\(count) characters; \(length.lowerBound) are needed") }
        guard count <= length.upperBound else { throw problem("The password is too long.", "\(count) characters; \(length.upperBound) are the most") }
        let folded: String = folded(prepared)
        let core: String = withoutTail(folded)
        let isCommon: Bool = CommonPasswords.all.contains(folded) || CommonPasswords.all.contains(core)
        guard !isCommon else { throw problem("The password is one of the most common ones.", "attackers try it first") }
        guard !own(email: email, name: name).contains(where: { $0 == folded || $0 == core }) else {
            throw problem("The password is your own address or name.", "attackers try it first")
        }
        guard !isRepetition(folded), !isRun(folded) else {
            throw problem("The password is one pattern over and over.", "a repeated group, or a row of the alphabet or keyboard")
        }
    }

    private static func folded(_ text: String) -> String { UnicodeForm.nfkc(UnicodeForm.lowercased(text)) }

    /// Without the few digits and signs people put behind a word: `Password123!` is `password`.
    private static func withoutTail(_ text: String) -> String {
        let scalars: String.UnicodeScalarView = text.unicodeScalars
        guard let last = scalars.lastIndex(where: \.properties.isAlphabetic) else { return text }
        let end: String.Index = scalars.index(after: last)
        return scalars.distance(from: end, to: scalars.endIndex) <= 6 ? String(scalars[..<end]) : text
    }

    /// The address, its local part, the name, and the name without spaces.
    private static func own(email: String, name: String) -> Set<String> {
        let (email, name): (String, String) = (folded(UnicodeForm.nfkc(email)), folded(UnicodeForm.nfkc(name)))
        var own: Set<String> = [email, name, String(name.unicodeScalars.filter { !$0.properties.isWhitespace })]
        if let at = email.lastIndex(of: "@") { own.insert(String(email[..<at])) }
        // The tail comes off these too: `anna2026` makes `anna2027` no better.
        return own.union(own.map(withoutTail)).subtracting([""])
    }

    /// A group of at most five characters, repeated to the end (the last time perhaps in part).
    private static func isRepetition(_ text: String) -> Bool {
        let scalars: [Unicode.Scalar] = Array(text.unicodeScalars)
        return (1...5).contains { period in
            scalars.indices.dropFirst(period).allSatisfy { scalars[$0] == scalars[$0 - period] }
        }
    }

    /// Neighbours in the alphabet, in the digits or on a keyboard, forwards or backwards.
    private static func isRun(_ text: String) -> Bool {
        rows.contains { $0.contains(text) || String($0.reversed()).contains(text) }
    }

    private static let rows: [String] = [
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "1234567890123456789012345678901234567890", "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1234567890qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
        "qazwsxedcrfvtgbyhnujm", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъфывапролджэячсмитьбю",
    ]

    private static func problem(_ title: String, _ detail: String) -> Problem {
        Problem(.passwordWeak, title, detail: detail, remedy: "Choose several words that do not belong together, or let a password manager choose.")
    }
}
