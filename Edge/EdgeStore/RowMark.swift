import FoundationEssentials
import GRDB
import WireModel

/// Counters that nothing else proves carry a keyed mark, so that a flipped bit or an edit shows: SQLite checks no contents.
extension EdgeStore {
    func mark(_ place: String, _ values: Int64...) -> Data {
        Data(mark(of: values.map(String.init).joined(separator: " "), in: "row " + place))
    }

    /// - Parameter stored: `nil` in rows of stores that were written before rows had marks.
    func check(_ stored: Data?, _ place: String, _ values: Int64...) throws {
        guard let stored else { return }
        guard stored == Data(mark(of: values.map(String.init).joined(separator: " "), in: "row " + place)) else {
            throw EdgeStoreError.damaged(path: path, what: "the row of \(place)")
        }
    }
}
