/// Reads SQL only as far as to know what is code and what is quoted or a comment.
enum SQLText {
    /// A stretch of SQL in the order of the text.
    enum Piece {
        case code(Substring)
        /// A quoted string or identifier, or a comment.
        case other(Substring)
    }

    static func pieces(_ sql: String) -> [Piece] {
        var pieces: [Piece] = []
        let bytes: String.UTF8View = sql.utf8
        var (start, at) = (bytes.startIndex, bytes.startIndex)
        while at < bytes.endIndex {
            guard let end = endOfOther(bytes[at...]) else {
                at = bytes.index(after: at)
                continue
            }
            if start < at { pieces.append(.code(sql[start..<at])) }
            pieces.append(.other(sql[at..<end]))
            (start, at) = (end, end)
        }
        if start < at { pieces.append(.code(sql[start..<at])) }
        return pieces
    }

    /// `?` to `$1`, `$2`, … as PostgreSQL numbers parameters.
    static func numberingParameters(_ sql: String) -> (sql: String, parameters: Int) {
        var number: Int = 0
        var result: String = ""
        for piece in pieces(sql) {
            switch piece {
            case .other(let text): result += text
            case .code(let text):
                for character in text {
                    if character == "?" {
                        number += 1
                        result += "$\(number)"
                    } else {
                        result.append(character)
                    }
                }
            }
        }
        return (result, number)
    }

    /// - Parameter replacement: for a word and the word before it; nil leaves it.
    static func replacingWords(in sql: String, _ replacement: (_ word: String, _ previous: String) -> String?) -> String {
        var (result, word, previous) = ("", "", "")
        func endWord() {
            guard !word.isEmpty else { return }
            result += replacement(word, previous) ?? word
            (previous, word) = (word, "")
        }
        for piece in pieces(sql) {
            switch piece {
            case .other(let text):
                endWord()
                result += text
            case .code(let text):
                for character in text {
                    if character.isLetter || character.isNumber || character == "_" {
                        word.append(character)
                    } else {
                        endWord()
                        result.append(character)
                    }
                }
            }
        }
        endWord()
        return result
    }

    /// Where the quoted or commented stretch that begins here ends; nil when none begins here. A doubled quote reads as two
    /// stretches side by side.
    private static func endOfOther(_ bytes: Substring.UTF8View) -> String.Index? {
        let second: UInt8? = bytes.dropFirst().first
        switch bytes.first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return bytes.dropFirst().firstIndex(of: bytes.first!).map { bytes.index(after: $0) } ?? bytes.endIndex
        case UInt8(ascii: "-") where second == UInt8(ascii: "-"):
            return bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        case UInt8(ascii: "/") where second == UInt8(ascii: "*"):
            var at: String.Index = bytes.index(bytes.startIndex, offsetBy: 2)
            while at < bytes.endIndex, !bytes[at...].starts(with: "*/".utf8) { at = bytes.index(after: at) }
            return bytes.index(at, offsetBy: 2, limitedBy: bytes.endIndex) ?? bytes.endIndex
        default:
            return nil
        }
    }
}
