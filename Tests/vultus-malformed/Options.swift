import Glibc

/// What `deploy/malformed` passes on; it has the help.
struct Options {
    var seed: UInt64 = 20_260
    var first: Int = 0
    var count: Int = 1_000
    var models: String = ".models"
    var plant: Inspection.Plant?
    /// Each case is named before it is tried.
    var isTold: Bool = false

    init(_ words: ArraySlice<String>) {
        var rest: ArraySlice<String> = words
        while let word = rest.popFirst() {
            if word == "--tell" {
                isTold = true
                continue
            }
            guard let value = rest.popFirst() else { Self.refuse("\(word) needs a value") }
            switch word {
            case "--seed": seed = Self.number(value, word)
            case "--first": first = Self.number(value, word)
            case "--count": count = Self.number(value, word)
            case "--models": models = value
            case "--plant":
                plant = Inspection.Plant(rawValue: value)
                if plant == nil { Self.refuse("there is no fault called \(value)") }
            default: Self.refuse("unknown option: \(word)")
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String, _ word: String) -> Number {
        guard let number = Number(text), number >= 0, number <= 1 << 40 else { refuse("\(word) \(text): give a whole number") }
        return number
    }

    private static func refuse(_ text: String) -> Never { end("\(text)\nSee deploy/malformed --help.", status: 2) }
}

/// Ends the program with a line on standard error.
func end(_ text: String, status: CInt) -> Never {
    let line: String = text + "\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(status)
}
