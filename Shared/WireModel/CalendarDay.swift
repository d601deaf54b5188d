/// A day of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms"), without a time zone's rules.
package struct CalendarDay: Hashable, Sendable {
    package let year: Int64
    /// 1…12
    package let month: Int64
    /// 1…31
    package let day: Int64

    /// - Parameter days: from 1970-01-01.
    package init(daysSinceEpoch days: Int64) {
        let z: Int64 = days + 719_468
        let era: Int64 = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra: Int64 = z - era * 146_097
        let yearOfEra: Int64 = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear: Int64 = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted: Int64 = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `nil` for a day that the calendar does not have, such as 30 February.
    package init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        guard CalendarDay(daysSinceEpoch: daysSinceEpoch) == self else { return nil }
    }

    package var daysSinceEpoch: Int64 {
        let y: Int64 = month <= 2 ? year - 1 : year
        let era: Int64 = (y >= 0 ? y : y - 399) / 400
        let yearOfEra: Int64 = y - era * 400
        let dayOfYear: Int64 = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 0 is Sunday.
    package var weekday: Int { Int(((daysSinceEpoch + 4) % 7 + 7) % 7) }
}

/// A month of the Gregorian calendar in UTC: what bills are made for. Written `2026-11`.
package struct CalendarMonth: Hashable, Comparable, Sendable {
    package let year: Int64
    /// 1…12
    package let month: Int64

    package init(_ time: Timestamp) {
        let (days, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let day = CalendarDay(daysSinceEpoch: rest < 0 ? days - 1 : days)
        (year, month) = (day.year, day.month)
    }

    /// Reads `2026-11`.
    package init?(_ text: String) {
        guard text.utf8.count == 7, let begin = Timestamp("\(text)-01T00:00:00Z") else { return nil }
        self.init(begin)
    }

    private init(year: Int64, month: Int64) { (self.year, self.month) = (year, month) }

    package var begin: Timestamp { Timestamp(milliseconds: (CalendarDay(year: year, month: month, day: 1)?.daysSinceEpoch ?? 0) * 86_400_000) }
    /// The first moment of the month after it.
    package var end: Timestamp { next.begin }
    package var next: CalendarMonth { month == 12 ? CalendarMonth(year: year + 1, month: 1) : CalendarMonth(year: year, month: month + 1) }
    package var previous: CalendarMonth { month == 1 ? CalendarMonth(year: year - 1, month: 12) : CalendarMonth(year: year, month: month - 1) }
    /// 202611
    package var number: Int64 { year * 100 + month }

    /// - Parameter number: as of ``number``.
    package init(number: Int64) { (year, month) = (number / 100, number % 100) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension CalendarMonth: CustomStringConvertible {
    package var description: String { String(begin.description.prefix(7)) }
}

extension CalendarMonth: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = CalendarMonth(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a month such as 2026-11")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
