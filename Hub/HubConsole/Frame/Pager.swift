extension Block {
    /// On to the next page of a list, and back to its beginning; nothing where a list is on one page.
    /// - Parameters:
    ///   - names: of the page's query, which its addresses keep.
    ///   - name: the one of them that says where the page begins.
    ///   - next: its value on the next page; `nil` on the last.
    ///   - fragment: where on the page the list is.
    static func pager(
        _ visit: Visit, _ path: String, keeping names: [String], _ name: String, next: String?, more: (String, String), first: (String, String),
        fragment: String = ""
    ) -> [Block] {
        var links: [(String, String)] = []
        let mark: String = fragment.isEmpty ? "" : "#" + fragment
        if let next { links.append((visit.say(more.0, more.1), visit.address(path, keeping: names, [name: next]) + mark)) }
        if visit.asked(name) != nil { links.append((visit.say(first.0, first.1), visit.address(path, keeping: names, [name: ""]) + mark)) }
        return links.isEmpty ? [] : [.links(links)]
    }
}
