/// What came and what went between two texts, line by line: a longest common subsequence, which `Array.difference` finds (Myers 1986).
enum TextDifference {
    /// - Returns: the changed lines in their order; empty where the texts say the same.
    static func lines(from old: String, to new: String, added: String, removed: String) -> [LineView] {
        let (before, after): ([String], [String]) = (paragraphs(old), paragraphs(new))
        let changes: CollectionDifference<String> = after.difference(from: before)
        // A removal stands before what took its place: both are counted along the texts.
        var (gone, come): (Set<Int>, Set<Int>) = ([], [])
        for change in changes {
            switch change {
            case .remove(let offset, _, _): gone.insert(offset)
            case .insert(let offset, _, _): come.insert(offset)
            }
        }
        var (lines, old, new): ([LineView], Int, Int) = ([], 0, 0)
        while old < before.count || new < after.count {
            if gone.contains(old) {
                lines.append(LineView(isAdded: false, isRemoved: true, line: before[old], spoken: removed))
                old += 1
            } else if come.contains(new) {
                lines.append(LineView(isAdded: true, isRemoved: false, line: after[new], spoken: added))
                new += 1
            } else {
                old += 1
                new += 1
            }
        }
        return lines
    }

    private static func paragraphs(_ text: String) -> [String] { text.split(separator: "\n").map(String.init).filter { $0.contains { !$0.isWhitespace } } }
}
