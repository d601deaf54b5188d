import RecognitionAPI
import WireModel

/// What a browser's form sent: `application/x-www-form-urlencoded` (URL Standard §5.1) or `multipart/form-data`.
package struct FormFields: Sendable {
    private let values: [(name: String, value: String)]
    /// Files by the name of their field; an empty one is none.
    package let files: [String: [UInt8]]

    private static let files: Set<String> = ["image", "referenceImage"]
    private static let mostFields: Int = 200

    package init() {
        values = []
        files = [:]
    }

    /// - Throws: `invalid_request` for what is no form.
    package init(_ bytes: [UInt8], contentType: String) throws(Problem) {
        if contentType.lowercased().hasPrefix(MediaType.form) {
            var (values, files): ([(name: String, value: String)], [String: [UInt8]]) = ([], [:])
            for part in try MultipartForm(bytes, contentType: contentType).parts {
                if Self.files.contains(part.name) {
                    if !part.content.isEmpty { files[part.name] = Array(bytes[part.content]) }
                } else {
                    values.append((part.name, try Self.text(bytes[part.content])))
                }
            }
            (self.values, self.files) = (values, files)
            return
        }
        let pairs: [ArraySlice<UInt8>] = bytes.split(separator: UInt8(ascii: "&"), maxSplits: Self.mostFields)
        guard pairs.count <= Self.mostFields else { throw Self.unreadable }
        var values: [(name: String, value: String)] = []
        for pair in pairs {
            let parts: [ArraySlice<UInt8>] = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            values.append((try Self.decoded(parts[0]), parts.count == 2 ? try Self.decoded(parts[1]) : ""))
        }
        self.values = values
        files = [:]
    }

    /// Of a field that came; the first where it came more than once.
    package subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    package func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

    package func text(_ name: String) -> String { self[name] ?? "" }

    private static func decoded(_ bytes: ArraySlice<UInt8>) throws(Problem) -> String {
        let spaced: String = try text(ArraySlice(bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }))
        guard let text = spaced.percentDecoded, !text.unicodeScalars.contains("\0") else { throw unreadable }
        return text
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(Problem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains("\0") else { throw unreadable }
        return text
    }

    private static let unreadable = Problem(.invalidRequest, "The form cannot be read.", remedy: "Go back, and send it again from the page itself.")
}
