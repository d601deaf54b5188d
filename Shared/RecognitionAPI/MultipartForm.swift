import WireModel

/// The parts of a multipart/form-data body (RFC 7578, RFC 2046 §5.1), found in one pass over the bytes.
///
/// Strict where leniency has made parsers disagree: the boundary is the header's alone, lines end in CR LF, the last boundary
/// must be there, and every part names itself once. File names and the parts' own types are not looked at: bytes say what they are.
package struct MultipartForm {
    package struct Part: Equatable {
        package let name: String
        /// Where its content is in the body.
        package let content: Range<Int>
    }

    static let mostParts: Int = 20
    /// Bytes of one part's headers.
    static let mostHeaderBytes: Int = 4_096

    package let parts: [Part]

    /// - Throws: `invalid_request`.
    package init(_ bytes: [UInt8], contentType: String) throws(Problem) {
        guard let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") || $0 == 0x20 }), boundary.last != " "
        else { throw Self.problem("Content-Type names no boundary of 1 to 70 characters") }
        let delimiter: [UInt8] = Array("--\(boundary)".utf8)
        let finder = BoundaryFinder(delimiter)
        // A preamble is allowed and ignored (RFC 2046 §5.1.1); the first delimiter may begin the body.
        guard var position = bytes.starts(with: delimiter) ? delimiter.count : finder.end(in: bytes, from: 0) else {
            throw Self.problem("the boundary of Content-Type is not in the body")
        }
        var parts: [Part] = []
        while true {
            if bytes[position...].starts(with: "--".utf8) { break }
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
            guard bytes[position...].starts(with: "\r\n".utf8) else { throw Self.problem("a boundary does not end its line") }
            position += 2
            guard parts.count < Self.mostParts else { throw Self.problem("more than \(Self.mostParts) parts") }
            let name: String = try Self.name(bytes, &position)
            // The line end before a boundary belongs to the boundary, and so may be the one that ends empty headers.
            guard let end = finder.end(in: bytes, from: position - 2) else { throw Self.problem("the last boundary is missing") }
            parts.append(Part(name: name, content: position..<max(position, end - finder.count)))
            position = end
        }
        self.parts = parts
    }

    /// Reads a part's headers up to and with the empty line.
    private static func name(_ bytes: [UInt8], _ position: inout Int) throws(Problem) -> String {
        let limit: Int = min(bytes.count, position + mostHeaderBytes)
        var name: String?
        while true {
            guard let end = lineEnd(bytes, from: position, before: limit) else {
                throw problem("a part's headers do not end within \(mostHeaderBytes) bytes")
            }
            let line: ArraySlice<UInt8> = bytes[position..<end]
            position = end + 2
            if line.isEmpty { break }
            guard let text = String(validating: line, as: UTF8.self), let colon = text.firstIndex(of: ":") else {
                throw problem("a part has a header that is none")
            }
            guard text[..<colon].lowercased() == "content-disposition" else { continue }
            let value: Substring = text[text.index(after: colon)...]
            guard name == nil, value.prefix(while: { $0 != ";" }).filter({ $0 != " " && $0 != "\t" }).lowercased() == "form-data",
                let found = parameter("name", of: value), (1...100).contains(found.utf8.count)
            else { throw problem("a part's Content-Disposition does not name it once") }
            name = found
        }
        guard let name else { throw problem("a part does not name itself") }
        return name
    }

    private static func lineEnd(_ bytes: [UInt8], from start: Int, before limit: Int) -> Int? {
        var index: Int = start
        while index + 1 < limit {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A { return index }
            index += 1
        }
        return nil
    }

    /// A parameter of a header's value: a token, or a quoted string with its backslashes undone. The first of that name.
    static func parameter(_ name: String, of value: some StringProtocol) -> String? {
        var rest: Substring.UTF8View = String(value)[...].utf8
        // Past the value itself.
        guard let semicolon = rest.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        rest = rest[semicolon...]
        while rest.popFirst() == UInt8(ascii: ";") {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            let key: Substring.UTF8View = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            rest = rest.dropFirst(key.count)
            guard rest.popFirst() == UInt8(ascii: "=") else { return nil }
            var content: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                    // Browsers do not escape with backslashes but %22 (RFC 7578 §5.1.1 leaves it open); only \" and \\ are undone.
                    if byte == UInt8(ascii: "\\"), let next = rest.first, next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") {
                        content.append(next)
                        rest = rest.dropFirst()
                    } else {
                        content.append(byte)
                    }
                }
            } else {
                content = Array(rest.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 })
                rest = rest.dropFirst(content.count)
            }
            if String(decoding: key, as: UTF8.self).lowercased() == name { return String(validating: content, as: UTF8.self) }
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        }
        return nil
    }

    private static func problem(_ fault: String) -> Problem {
        Problem(.invalidRequest, "The form cannot be read.", detail: fault, remedy: "Send multipart/form-data as RFC 7578 says; curl's -F does.")
    }
}

/// Finds the line end and boundary that close a part, in one pass: a carriage return is the first byte of it and no other, so
/// that after a mismatch it can begin at the byte at hand, and nowhere before.
private struct BoundaryFinder {
    private let pattern: [UInt8]

    var count: Int { pattern.count }

    init(_ delimiter: [UInt8]) { pattern = Array("\r\n".utf8) + delimiter }

    /// - Returns: the index after the first occurrence that begins at `start` or later.
    func end(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var length: Int = 0
            for index in start..<max(start, bytes.count) {
                if pattern[length] != bytes[index] { length = 0 }
                if pattern[length] == bytes[index] { length += 1 }
                if length == pattern.count { return index + 1 }
            }
            return nil
        }
    }
}
