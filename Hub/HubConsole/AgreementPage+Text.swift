import HubDomain

extension AgreementPage {
    /// - Parameter text: its body is Markdown, of which agreements use headings, paragraphs and lists.
    init(_ text: AgreementText, _ reader: Reader) {
        let blocks: [Block] = text.body.replacing(#/<!--.*?-->/#.dotMatchesNewlines(), with: "").split(separator: "\n").compactMap { line in
            let line: String = String(line).plainMarkdown
            if line.isEmpty || line.hasPrefix("# ") { return nil }
            if line.hasPrefix("#") { return Block(isHeading: true, isItem: false, isText: false, text: String(line.drop { $0 == "#" || $0 == " " })) }
            let isItem: Bool = line.hasPrefix("- ")
            return Block(isHeading: false, isItem: isItem, isText: !isItem, text: isItem ? String(line.dropFirst(2)) : line)
        }
        self.init(
            heading: text.title, document: text.document, version: reader.say("version \(text.number)", "第 \(text.number) 版"),
            address: "/v1/agreements/\(text.document)/versions/\(text.number)?language=\(reader.language.rawValue)", blocks: blocks, hash: text.hash)
    }
}

extension String {
    /// Without marks of emphasis and code, and spaces at the end.
    fileprivate var plainMarkdown: String {
        var plain: String = replacing("**", with: "").replacing("`", with: "")
        while plain.last?.isWhitespace == true { plain.removeLast() }
        return plain
    }
}
