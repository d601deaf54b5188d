/// A refusal or fault as people and programs read it: RFC 9457 with a stable `code` and the next step.
package struct Problem: Error, Hashable, Sendable, Codable {
    package let code: ProblemCode
    /// What happened, in one sentence.
    package let title: String
    /// To what, with the figures that matter. Never a name, face, template, key or SQL argument.
    package let detail: String
    /// What to do next.
    package let remedy: String
    /// Where the matter is dealt with: a path on the hub.
    package let link: String?

    package init(_ code: ProblemCode, _ title: String, detail: String = "", remedy: String, link: String? = nil) {
        self.code = code
        self.title = title
        self.detail = detail
        self.remedy = remedy
        self.link = link
    }

    private enum CodingKeys: String, CodingKey { case type, code, title, status, detail, remedy, link }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = try container.decode(ProblemCode.self, forKey: .code)
        title = try container.decode(String.self, forKey: .title)
        detail = try container.decodeIfPresent(String.self, forKey: .detail) ?? ""
        remedy = try container.decodeIfPresent(String.self, forKey: .remedy) ?? ""
        link = try container.decodeIfPresent(String.self, forKey: .link)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("urn:vultus:problem:\(code.rawValue)", forKey: .type)
        try container.encode(code, forKey: .code)
        try container.encode(title, forKey: .title)
        try container.encode(code.status, forKey: .status)
        if !detail.isEmpty { try container.encode(detail, forKey: .detail) }
        if !remedy.isEmpty { try container.encode(remedy, forKey: .remedy) }
        try container.encodeIfPresent(link, forKey: .link)
    }
}

/// An error that knows how to put itself to people and programs.
package protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension Problem: ProblemConvertible {
    package var problem: Problem { self }
}

extension Problem {
    /// Any error as a problem; what is not ours becomes an internal fault without its text, which could hold anything.
    package init(describing error: any Error) {
        if let known = error as? any ProblemConvertible {
            self = known.problem
        } else {
            self.init(
                .internalFault, "Vultus met an error it does not know.", detail: "kind: \(type(of: error))",
                remedy: "Run the command again; if it stays, run `doctor` and report its output.")
        }
    }
}
