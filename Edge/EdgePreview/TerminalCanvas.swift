import EdgeAgent
import FacePipeline
import ServiceSupport
import WireModel

/// A picture in the cells of a terminal: two pixels in each, one above the other, or a character by brightness.
struct TerminalCanvas {
    /// What the terminal shows.
    enum Depth: Sendable, Equatable {
        case trueColour
        /// The 256 of xterm.
        case palette
        /// Neither colours nor block characters.
        case ascii

        /// By what the terminal says of itself (`COLORTERM`, `TERM`, the locale) and `NO_COLOR` (no-color.org).
        init(_ environment: [String: String]) {
            let locale: String = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
            let isUnicode: Bool = ["utf-8", "utf8"].contains { locale.lowercased().contains($0) }
            guard isUnicode, environment["NO_COLOR"] ?? "" == "" else {
                self = .ascii
                return
            }
            if ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") {
                self = .trueColour
            } else {
                self = (environment["TERM"] ?? "").contains("256color") ? .palette : .ascii
            }
        }
    }

    private struct Colour: Equatable {
        var red: UInt8
        var green: UInt8
        var blue: UInt8
    }

    let columns: Int
    let rows: Int
    private let depth: Depth
    private var pixels: [Colour]
    /// What stands in a cell instead of its pixels: a character over a colour.
    private var letters: [Int: (text: String, colour: Colour)] = [:]
    /// Of the picture, in pixels of the canvas.
    private var place: (x: Int, y: Int, width: Int, height: Int) = (0, 0, 0, 0)

    init(columns: Int, rows: Int, depth: Depth) {
        (self.columns, self.rows, self.depth) = (columns, rows, depth)
        pixels = Array(repeating: Colour(red: 0, green: 0, blue: 0), count: columns * rows * 2)
    }

    /// - Parameter picture: no larger than the canvas, `columns` × twice `rows`.
    mutating func draw(_ picture: PixelBuffer) {
        place = ((columns - picture.width) / 2, (rows * 2 - picture.height) / 2, picture.width, picture.height)
        let bytes: [UInt8] = picture.array
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let from: Int = 3 * (y * picture.width + x)
                pixels[(place.y + y) * columns + place.x + x] = Colour(red: bytes[from], green: bytes[from + 1], blue: bytes[from + 2])
            }
        }
    }

    mutating func draw(_ face: SceneView.Face, of view: SceneView) {
        guard view.width > 0, view.height > 0 else { return }
        let (scaleX, scaleY): (Double, Double) = (Double(place.width) / Double(view.width), Double(place.height) / Double(view.height))
        func x(_ value: Float) -> Int { min(columns - 1, max(0, place.x + Int(Double(value) * scaleX))) }
        func y(_ value: Float) -> Int { min(rows * 2 - 1, max(0, place.y + Int(Double(value) * scaleY))) }
        let (left, right): (Int, Int) = (x(face.box.x), x(face.box.x + face.box.width))
        let (top, bottom): (Int, Int) = (y(face.box.y), y(face.box.y + face.box.height))
        let colour: Colour = Self.colour(face.outcome)
        for column in left...right {
            mark(column, top, colour, "-")
            mark(column, bottom, colour, "-")
        }
        for row in top...bottom {
            mark(left, row, colour, row == top || row == bottom ? "+" : "|")
            mark(right, row, colour, row == top || row == bottom ? "+" : "|")
        }
        write(TerminalView.name(face), column: left, row: max(0, top / 2 - 1), colour)
    }

    private mutating func mark(_ x: Int, _ y: Int, _ colour: Colour, _ letter: String) {
        if depth == .ascii { letters[y / 2 * columns + x] = (letter, colour) } else { pixels[y * columns + x] = colour }
    }

    private mutating func write(_ text: String, column: Int, row: Int, _ colour: Colour) {
        var column: Int = max(0, min(column, columns - min(columns, text.displayWidth)))
        for character in text {
            let width: Int = max(1, String(character).displayWidth)
            guard column + width <= columns else { return }
            letters[row * columns + column] = (String(character), colour)
            // The right half of a wide character.
            if width == 2 { letters[row * columns + column + 1] = ("", colour) }
            column += width
        }
    }

    private static func colour(_ outcome: DecisionOutcome?) -> Colour {
        switch outcome {
        case .match: Colour(red: 111, green: 211, blue: 187)
        case .unknown: Colour(red: 255, green: 193, blue: 77)
        case .undecided: Colour(red: 185, green: 194, blue: 205)
        case nil: Colour(red: 143, green: 194, blue: 255)
        }
    }

    /// Line by line, with the codes that colour them.
    var lines: [String] { (0..<rows).map(line) }

    private func line(_ row: Int) -> String {
        var text: String = ""
        var (front, back): (Colour?, Colour?) = (nil, nil)
        for column in 0..<columns {
            let (upper, lower): (Colour, Colour) = (pixels[2 * row * columns + column], pixels[(2 * row + 1) * columns + column])
            let letter = letters[row * columns + column]
            if depth == .ascii {
                text += letter?.text ?? Self.ramp(upper, lower)
                continue
            }
            let wanted: (front: Colour, back: Colour) = letter.map { (Colour(red: 11, green: 13, blue: 16), $0.colour) } ?? (upper, lower)
            if wanted.front != front { text += code(wanted.front, isFront: true) }
            if wanted.back != back { text += code(wanted.back, isFront: false) }
            (front, back) = (wanted.front, wanted.back)
            text += letter?.text ?? "▀"
        }
        return depth == .ascii ? text : text + "\u{1B}[0m"
    }

    private func code(_ colour: Colour, isFront: Bool) -> String {
        guard depth == .palette else { return "\u{1B}[\(isFront ? 38 : 48);2;\(colour.red);\(colour.green);\(colour.blue)m" }
        // The cube of 6 × 6 × 6 that begins at 16.
        func step(_ level: UInt8) -> Int { Int((Double(level) / 51).rounded()) }
        return "\u{1B}[\(isFront ? 38 : 48);5;\(16 + 36 * step(colour.red) + 6 * step(colour.green) + step(colour.blue))m"
    }

    private static func ramp(_ upper: Colour, _ lower: Colour) -> String {
        let levels: [Character] = Array(" .:-=+*#%@")
        let sum: Int = [upper, lower].reduce(0) { $0 + Int($1.red) * 3 + Int($1.green) * 6 + Int($1.blue) }
        return String(levels[min(levels.count - 1, sum * levels.count / 5_110)])
    }
}
