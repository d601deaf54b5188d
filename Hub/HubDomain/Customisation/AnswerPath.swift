import RecognitionAPI

/// A place in an answer, such as `faces[].box.x`, `faces[0].person` or `width`.
struct AnswerPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case member(String)
        /// `[0]`
        case item(Int)
        /// `[]`
        case every
    }

    let steps: [Step]

    init(steps: [Step]) { self.steps = steps }

    /// - Returns: `nil` unless members of letters, digits and `_`, each followed by any number of `[]` or `[0]`…`[99]`, are joined by dots.
    init?(_ text: String) {
        guard (1...200).contains(text.utf8.count) else { return nil }
        var steps: [Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let name: Substring = part.prefix { $0 != "[" }
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfName) else { return nil }
            steps.append(.member(String(name)))
            var rest: Substring = part[name.endIndex...]
            while !rest.isEmpty {
                guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
                let inner: Substring = rest[rest.index(after: rest.startIndex)..<end]
                if inner.isEmpty {
                    steps.append(.every)
                } else {
                    guard inner.utf8.count <= 2, inner.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let place = Int(inner) else { return nil }
                    steps.append(.item(place))
                }
                rest = rest[rest.index(after: end)...]
            }
        }
        self.steps = steps
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }

    /// As a shape lists it: `faces[].person` for `faces[0].person`.
    var key: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .member(let name): text += text.isEmpty ? name : "." + name
            case .item, .every: text += "[]"
            }
        }
    }

    var memberNames: [String] {
        steps.compactMap { if case .member(let name) = $0 { name } else { nil } }
    }

    /// Whether it can name more than one value inside of `lists` (such as `faces`), whose element is at hand there.
    func isList(inside lists: [String]) -> Bool {
        var place: String = ""
        for step in steps {
            switch step {
            case .member(let name): place += place.isEmpty ? name : "." + name
            case .item: place += "[]"
            case .every:
                if !lists.contains(place) { return true }
                place += "[]"
            }
        }
        return false
    }

    /// Its values in an answer.
    /// - Parameter places: the element that each list is at, by the list's place (`faces`).
    func values(in answer: JSONValue, at places: [String: Int]) -> [JSONValue] { Self.values(steps[...], in: answer, place: "", places) }

    private static func values(_ steps: ArraySlice<Step>, in value: JSONValue, place: String, _ places: [String: Int]) -> [JSONValue] {
        guard let step = steps.first else { return value == .null ? [] : [value] }
        let rest: ArraySlice<Step> = steps.dropFirst()
        switch (step, value) {
        case (.member(let name), .object(let members)):
            return members[name].map { values(rest, in: $0, place: place.isEmpty ? name : place + "." + name, places) } ?? []
        case (.item(let index), .array(let items)):
            return items.indices.contains(index) ? values(rest, in: items[index], place: place + "[]", places) : []
        case (.every, .array(let items)):
            if let index = places[place] { return items.indices.contains(index) ? values(rest, in: items[index], place: place + "[]", places) : [] }
            return items.flatMap { values(rest, in: $0, place: place + "[]", places) }
        default: return []
        }
    }
}
