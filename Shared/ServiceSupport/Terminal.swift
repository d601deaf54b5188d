import Glibc

/// What a person's terminal can show.
package enum Terminal {
    /// Colour only on a terminal, and never where `NO_COLOR` is set (no-color.org).
    package static let hasColour: Bool = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

    package enum Style: String {
        case bold = "1", dim = "2", red = "31", green = "32", yellow = "33"
    }

    package static func styled(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// One line from standard input; asked for without showing what is typed where that is a terminal.
    /// - Returns: `nil` at the end of the input.
    package static func readSecret(_ prompt: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return readLine(strippingNewline: true) }
        put(prompt + ": ")
        var shown = termios()
        let isKnown: Bool = tcgetattr(STDIN_FILENO, &shown) == 0
        if isKnown {
            var hidden: termios = shown
            hidden.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        }
        defer {
            if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
            put("\n")
        }
        return readLine(strippingNewline: true)
    }

    /// One line to standard error, for what is not the answer: progress, notices, errors.
    package static func note(_ line: String) { put(line + "\n") }

    /// A line on standard error that the next one takes the place of: for progress on a terminal.
    package static func noteInPlace(_ line: String) { put("\r\u{1B}[K" + line) }

    private static func put(_ text: String) {
        text.withCString { pointer in
            _ = write(STDERR_FILENO, pointer, strlen(pointer))
        }
    }
}

/// Columns for people: the first row is the heading, columns are as wide as their widest cell.
package struct TextTable {
    private var rows: [[String]]
    private let alignedRight: Set<Int>

    /// - Parameter alignedRight: the columns that hold figures, from 0.
    package init(_ heading: [String], alignedRight: Set<Int> = []) {
        rows = [heading]
        self.alignedRight = alignedRight
    }

    package var isEmpty: Bool { rows.count == 1 }

    /// What a cell says stays on its line: somebody else may have written it.
    package mutating func append(_ row: [String]) {
        rows.append(row.map { cell in String(cell.map { $0.isNewline || $0 == "\t" ? " " : $0 }) })
    }

    package var text: String {
        let columns: Int = rows[0].count
        let widths: [Int] = (0..<columns).map { column in rows.map { $0[column].displayWidth }.max() ?? 0 }
        return rows.enumerated().map { index, row in
            let cells: [String] = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                return alignedRight.contains(column) ? padding + cell : cell + padding
            }
            var line: String = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return index == 0 ? Terminal.styled(line, .dim) : line
        }.joined(separator: "\n")
    }
}

extension String {
    /// Terminal columns: East Asian wide characters take two, colour codes none.
    package var displayWidth: Int {
        var width: Int = 0
        var inEscape: Bool = false
        for scalar in unicodeScalars {
            if inEscape {
                inEscape = scalar != "m"
            } else if scalar == "\u{1B}" {
                inEscape = true
            } else {
                let isWide: Bool =
                    (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
                    || (0xAC00...0xD7A3).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                width += isWide ? 2 : 1
            }
        }
        return width
    }
}
