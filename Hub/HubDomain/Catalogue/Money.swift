import WireModel

/// An amount in millionths of a currency's unit.
package struct Money: Sendable, Hashable, Codable {
    package let millionths: Int64
    /// ISO 4217.
    package let currency: String

    package init(millionths: Int64, currency: String) {
        self.millionths = millionths
        self.currency = currency
    }

    /// Reads `0.015`: digits with at most six decimals, no sign, no exponent.
    /// - Throws: `invalidRequest`.
    package init(_ text: String, currency: String) throws(Problem) {
        let parts: [Substring] = text.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber: (Substring) -> Bool = { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        try Self.check(currency: currency)
        guard (1...2).contains(parts.count), parts.allSatisfy(isNumber), parts[0].utf8.count <= 9, parts.count == 1 || parts[1].utf8.count <= 6,
            let whole = Int64(parts[0])
        else { throw Problem(.invalidRequest, "That is not an amount.", detail: text, remedy: "Write digits with at most six decimals, such as 0.015.") }
        let decimals: String = parts.count == 2 ? String(parts[1]) : ""
        let padded: String = decimals + String(repeating: "0", count: 6 - decimals.utf8.count)
        self.init(millionths: whole * 1_000_000 + (Int64(padded) ?? 0), currency: currency)
    }

    /// - Throws: `invalidRequest` for what is no currency.
    package init(checked millionths: Int64, currency: String) throws(Problem) {
        try Self.check(currency: currency)
        self.init(millionths: millionths, currency: currency)
    }

    private static func check(currency: String) throws(Problem) {
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw Problem(.invalidRequest, "A currency is three capital letters.", detail: currency, remedy: "Write CNY, EUR, USD, …")
        }
    }

    /// At least two decimals, six where they are needed: `1.50 CNY`, `0.0015 CNY`.
    package var text: String {
        let digits: String = String(millionths.magnitude % 1_000_000)
        var decimals: String = String(repeating: "0", count: 6 - digits.count) + digits
        while decimals.count > 2, decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(millionths < 0 ? "-" : "")\(millionths.magnitude / 1_000_000).\(decimals) \(currency)"
    }
}
