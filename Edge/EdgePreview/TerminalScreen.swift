import Glibc
import WireModel

/// The terminal's other screen, which is put away at the end as it was. One owner.
final class TerminalScreen {
    private var shown = termios()
    private let isKnown: Bool
    private var lines: [String] = []
    private(set) var columns: Int = 80
    private(set) var rows: Int = 24

    /// - Throws: `invalid_request` where standard output is no terminal that can be drawn on.
    init() throws(Problem) {
        try Self.check()
        isKnown = tcgetattr(STDIN_FILENO, &shown) == 0
        if isKnown {
            var silent: termios = shown
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &silent)
        }
        // The other screen, no cursor, no wrapping of long lines.
        put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
    }

    deinit {
        put("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        if isKnown { tcsetattr(STDIN_FILENO, TCSANOW, &shown) }
    }

    static func check() throws(Problem) {
        guard isatty(STDOUT_FILENO) == 1 else {
            throw Problem(
                .invalidRequest, "There is no terminal to draw on.", detail: "standard output is a file or a pipe",
                remedy: "Run it in a terminal, or use --preview and a browser.")
        }
        guard let name = getenv("TERM"), !["", "dumb"].contains(String(cString: name)) else {
            throw Problem(
                .invalidRequest, "This terminal cannot be drawn on.", detail: "TERM is \(getenv("TERM").map { String(cString: $0) } ?? "not set")",
                remedy: "Set TERM to what the terminal is, or use --preview and a browser.")
        }
    }

    /// Asks how large the terminal is now.
    func measure() {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return }
        let (now, then): ((Int, Int), (Int, Int)) = ((Int(size.ws_col), Int(size.ws_row)), (columns, rows))
        guard now != then else { return }
        (columns, rows) = now
        lines = []
        put("\u{1B}[2J")
    }

    /// Writes the lines that are others than before. Blocks while the terminal is slow.
    func show(_ next: [String]) {
        var text: String = ""
        for (row, line) in next.prefix(rows).enumerated() where !lines.indices.contains(row) || lines[row] != line {
            text += "\u{1B}[\(row + 1);1H\(line)\u{1B}[K"
        }
        lines = next
        if !text.isEmpty { put(text) }
    }

    private func put(_ text: String) {
        let bytes: [UInt8] = Array(text.utf8)
        var done: Int = 0
        while done < bytes.count {
            let count: Int = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress! + done, bytes.count - done) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            done += count
        }
    }
}
