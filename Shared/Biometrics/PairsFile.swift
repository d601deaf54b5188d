/// Why a pairs file of Labelled Faces in the Wild cannot be read.
package enum PairsFileError: Error, Equatable, Sendable {
    case empty
    /// The first line is neither `N` nor `FOLDS N`.
    case badHeader(String)
    /// Neither `Name i j` nor `Name i Other j`, or the wrong one of the two for its place; lines count from 1.
    case badLine(Int)
    /// Fewer or more pairs than the header says.
    case wrongCount(expected: Int, found: Int)
}

/// One picture of the data set: `DIR/Name/Name_0001.jpg` is `(Name, 1)`.
package struct LabelledImage: Hashable, Comparable, Sendable {
    package let name: String
    package let number: Int

    package init(name: String, number: Int) {
        self.name = name
        self.number = number
    }

    /// `Name/Name_0001.jpg`
    package var path: String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 4 - digits.count))
        return "\(name)/\(name)_\(padding)\(digits).jpg"
    }

    package static func < (left: LabelledImage, right: LabelledImage) -> Bool {
        (left.name, left.number) < (right.name, right.number)
    }
}

/// A pair of pictures, the fold it is tested in, and whether it shows one person.
package struct LabelledPair: Hashable, Sendable {
    package let first: LabelledImage
    package let second: LabelledImage
    /// 0 ..< `PairsFile.folds`
    package let fold: Int

    package init(first: LabelledImage, second: LabelledImage, fold: Int) {
        self.first = first
        self.second = second
        self.fold = fold
    }

    package var isGenuine: Bool { first.name == second.name }
}

/// The pairs of an LFW protocol file, in its own two formats.
package struct PairsFile: Sendable, Equatable {
    package let pairs: [LabelledPair]
    package let folds: Int

    /// Reads `pairs.txt` (first line `10 300`: ten folds, each of 300 genuine then 300 impostor pairs) or
    /// `pairsDevTest.txt` (first line `500`: 500 genuine then 500 impostor pairs). A file without folds is dealt into
    /// ten: pair i of each kind goes to fold i mod 10, so that every fold holds as many of both kinds.
    package init(text: String) throws(PairsFileError) {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard let first = lines.first, !first.allSatisfy(\.isWhitespace) else { throw .empty }
        let header = first.split(whereSeparator: \.isWhitespace)
        let numbers = header.compactMap { Int($0) }
        guard numbers.count == header.count, (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 }) else {
            throw .badHeader(String(first.prefix(80)))
        }
        let blocks = numbers.count == 2 ? numbers[0] : 1
        let perKind = numbers[numbers.count - 1]
        let (expected, overflow) = (2 * blocks).multipliedReportingOverflow(by: perKind)
        guard !overflow else { throw .badHeader(String(first.prefix(80))) }

        var pairs: [LabelledPair] = []
        for (index, line) in lines.enumerated().dropFirst() {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            let place = pairs.count % (2 * perKind)
            let fold = blocks > 1 ? pairs.count / (2 * perKind) : place % perKind % 10
            guard let pair = Self.pair(words, genuine: place < perKind, fold: fold) else { throw .badLine(index + 1) }
            pairs.append(pair)
        }
        guard pairs.count == expected else { throw .wrongCount(expected: expected, found: pairs.count) }
        self.pairs = pairs
        self.folds = blocks > 1 ? blocks : min(10, perKind)
    }

    private static func pair(_ words: [Substring], genuine: Bool, fold: Int) -> LabelledPair? {
        guard words.count == (genuine ? 3 : 4), let number = Int(words[1]), let other = Int(words[words.count - 1])
        else { return nil }
        let name = String(words[0])
        let second = genuine ? name : String(words[2])
        guard genuine || second != name else { return nil }
        return LabelledPair(
            first: LabelledImage(name: name, number: number), second: LabelledImage(name: second, number: other),
            fold: fold)
    }
}
