/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire it is RFC 3339 in UTC with three decimals (`2026-11-23T09:30:00.000Z`).
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Reads RFC 3339 §5.6: years 0001 to 9999, any offset, any number of decimals (rounded down). No day that the calendar
    /// does not have, no leap second, nothing after it.
    package init?(_ text: String) {
        var rest: Substring.UTF8View = text[...].utf8
        func take(_ character: Character) -> Bool {
            guard let first = rest.first, [first, first ^ 0x20].contains(character.asciiValue ?? 0), first == character.asciiValue || character.isLetter
            else { return false }
            rest = rest.dropFirst()
            return true
        }
        func number(_ digits: Int, _ range: ClosedRange<Int64>) -> Int64? {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            let value: Int64 = part.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            return range.contains(value) ? value : nil
        }
        guard let year = number(4, 1...9_999), take("-"), let month = number(2, 1...12), take("-"), let day = number(2, 1...31), take("T"),
            let hour = number(2, 0...23), take(":"), let minute = number(2, 0...59), take(":"), let second = number(2, 0...59),
            let date = CalendarDay(year: year, month: month, day: day)
        else { return nil }
        var fraction: Int64 = 0
        if take(".") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...18).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            fraction = (Array(digits) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        var offset: Int64 = 0
        if !take("Z") {
            let isEast: Bool = take("+")
            guard isEast || take("-"), let hours = number(2, 0...23), take(":"), let minutes = number(2, 0...59) else { return nil }
            offset = (hours * 60 + minutes) * (isEast ? 1 : -1)
        }
        guard rest.isEmpty else { return nil }
        milliseconds = (date.daysSinceEpoch * 86_400 + hour * 3_600 + (minute - offset) * 60 + second) * 1_000 + fraction
    }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    package func advanced(by duration: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds + duration.wholeMilliseconds)
    }

    /// The time from `earlier` to this one; negative when this one comes first.
    package func since(_ earlier: Timestamp) -> Duration { .milliseconds(milliseconds - earlier.milliseconds) }
}

extension Timestamp: CustomStringConvertible {
    package var description: String {
        // By hand: formatting a Date with a fraction can lose a millisecond, and with it a journal entry's hash.
        let (days, time) = milliseconds.floorDivided(by: 86_400_000)
        let date = CalendarDay(daysSinceEpoch: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits: String = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let (seconds, fraction) = time.floorDivided(by: 1_000)
        let clock: String = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock).\(padded(fraction, 3))Z"
    }
}

extension Int64 {
    /// Quotient towards minus infinity, and a remainder that is never negative.
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time such as 2026-11-23T09:30:00.000Z")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Duration {
    /// Rounded towards zero.
    package var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
