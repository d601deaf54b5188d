import HubDomain
import WireModel

/// A refusal of a page's own, in both languages, at one field of its form.
struct FieldRefusal: Error {
    let field: String
    let what: (english: String, chinese: String)
    let remedy: (english: String, chinese: String)

    init(_ field: String, _ what: (String, String), _ remedy: (String, String)) {
        (self.field, self.what, self.remedy) = (field, what, remedy)
    }
}

/// A problem as a page says it, in its reader's language.
struct Refusal {
    let code: String
    let what: String
    /// The field of the form that it is about, where the problem names one.
    let field: String?
    let detail: String
    let remedy: String
    let status: Int

    init(_ error: any Error, in language: Language) {
        if let own = error as? FieldRefusal {
            (code, status, field, detail) = (ProblemCode.invalidRequest.rawValue, ProblemCode.invalidRequest.status, own.field, "")
            what = language.text(own.what.english, own.what.chinese)
            remedy = language.text(own.remedy.english, own.remedy.chinese)
            return
        }
        let problem: Problem =
            if let refusal = error as? GateRefusal { refusal.problem(in: language) } else if let refusal = error as? MeterRefusal {
                refusal.problem(in: language)
            } else { Problem(describing: error) }
        code = problem.code.rawValue
        status = problem.code.status
        // `/field: what of it`.
        let pointer: Substring = problem.detail.hasPrefix("/") ? problem.detail.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" } : ""
        let after: Substring = problem.detail.dropFirst(1 + pointer.count)
        let isAtField: Bool = !pointer.isEmpty && (after.isEmpty || after.hasPrefix(":"))
        field = isAtField ? String(pointer) : nil
        let rest: String = isAtField ? String(after.drop { $0 == ":" || $0 == " " }) : problem.detail
        if language != .en, !(error is GateRefusal), !(error is MeterRefusal) {
            let meaning = ProblemMeaning(problem.code, language)
            detail = Self.isProse(rest) ? "" : rest
            // The code's own words are for who writes programs.
            (what, remedy) =
                problem.code == .invalidRequest && language == .zh ? ("填写有误。", "请检查格式与取值范围。") : (meaning.title, meaning.remedy)
        } else {
            // What is wrong inside the hub is for its log.
            (what, detail, remedy) = (problem.title, status >= 500 ? "" : rest, problem.remedy)
        }
    }

    /// Names, numbers and addresses are read in any language; sentences are of one.
    private static func isProse(_ text: String) -> Bool {
        text.split(separator: " ").count { word in word.count >= 3 && word.allSatisfy { $0.isASCII && ($0.isLetter || ".,;:".contains($0)) } } >= 2
    }
}
