/// Figures of health as a terminal shows them.
enum HealthText {
    /// Four figures and no more.
    static func number(_ value: Double) -> String {
        let size: Double = abs(value)
        if size >= 1_000 || value == value.rounded() { return "\(Int64(value.rounded()))" }
        let factor: Double = size >= 100 ? 10 : size >= 10 ? 100 : 1_000
        return "\((value * factor).rounded() / factor)"
    }

    static func duration(_ milliseconds: Int64) -> String {
        let minutes: Int64 = milliseconds / 60_000
        return minutes == 0 ? "at once" : minutes % 1_440 == 0 ? "\(minutes / 1_440) d" : minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes) min"
    }
}
