import Foundation

/// A page as its reader's browser understands it, as far as tests ask.
package struct PageText {
    package let html: String

    package init(html: String) { self.html = html }

    /// Every value of an attribute, entities undone.
    package func attributes(_ name: String) -> [String] { Self.matches(of: #"\s"# + name + #"="([^"]*)""#, in: html).map { Self.plain($0[0]) } }

    /// What the element with an id holds, as copied from the page.
    package func text(ofID id: String) -> String? {
        Self.matches(of: #"id="\#(id)">(.*?)</code>"#, in: html).first.map { Self.plain($0[0]) }
    }

    /// Elements that do not close, close twice, or close another's.
    package var unbalanced: [String] {
        let void: Set<String> = ["meta", "link", "br", "hr", "input", "img"]
        var (open, faults): ([String], [String]) = ([], [])
        for match in Self.matches(of: #"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*(?<!/)>"#, in: html) where !void.contains(match[1]) {
            if match[0].isEmpty {
                open.append(match[1])
            } else if open.popLast() != match[1] {
                faults.append("</\(match[1])>")
            }
        }
        return faults + open.map { "<\($0)>" }
    }

    /// The groups of every match; `.` takes line ends too.
    package static func matches(of pattern: String, in text: String) -> [[String]] {
        guard let expression = try? NSRegularExpression(pattern: pattern, options: .dotMatchesLineSeparators) else { return [] }
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
            (1..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        }
    }

    package static func plain(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
            .replacing("&amp;", with: "&")
    }
}
