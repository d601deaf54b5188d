import WireModel

/// Who does something: what the audit log names.
package struct Actor: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable {
        case member, `operator`, shell, system, device, key
    }

    package let kind: Kind
    /// A principal's, device's or API key's id, the shell's user name, or the part of the system.
    package let id: String
    /// The caller's network address; empty when there is none.
    package let address: String

    package init(_ kind: Kind, _ id: String, address: String = "") {
        self.kind = kind
        self.id = id
        self.address = address
    }

    package static func system(_ part: String) -> Actor { Actor(.system, part) }

    package var text: String { "\(kind.rawValue):\(id)" }
}
