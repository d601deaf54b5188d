import WireModel

/// An order that may be sent more than once.
enum RepeatedOrder {
    /// The same for every repetition, whichever hub it comes to.
    /// - Parameter key: the caller's `Idempotency-Key`.
    static func identifier<Kind: IdentifierKind>(of key: String, _ account: AccountID) -> Identifier<Kind> {
        var canonical = CanonicalBytes(domain: "vultus-order-1")
        canonical.append(Kind.prefix)
        canonical.append(account.rawValue)
        canonical.append(key)
        return Identifier(digestOf: canonical)
    }
}
