/// Requests since the start, for `/metrics`.
package actor RequestCounters {
    package struct Key: Hashable, Sendable, Comparable {
        let route: String
        let status: Int

        package static func < (left: Self, right: Self) -> Bool { (left.route, left.status) < (right.route, right.status) }
    }

    private var counts: [Key: Int] = [:]

    package init() {}

    func count(route: String, status: Int) { counts[Key(route: route, status: status), default: 0] += 1 }

    func all() -> [(key: Key, value: Int)] { counts.sorted { $0.key < $1.key } }
}
